import { BarChartOutlined, DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { Link } from 'react-router'
import { apiUrl } from '@/api/client'
import { formatMetric } from '@/base/format'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Count, Duration } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { Sentence } from '@/ui/Sentence'
import {
  evaluationResults,
  isActive,
  METRICS,
  type EvaluationDetail,
  type ModelResult,
  type Result,
} from '../queries'
import { text } from '../text'

/** Per model its state and, per set, its figures; of models that are done also while others run. */
export function ResultsTab({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useText(text)
  const query = evaluationResults(evaluation.id, isActive(evaluation))
  const { data, error, refetch } = useQuery(query)
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  if (data.models.every(({ results }) => results.length === 0)) {
    return (
      <Panel>
        <EmptyState
          icon={<BarChartOutlined aria-hidden />}
          title={t('results.none')}
          hint={
            <Sentence
              of={data.models.find(({ reason }) => reason !== '')?.reason ?? t('results.noneHint')}
            />
          }
        />
      </Panel>
    )
  }
  const file = (format: string) =>
    apiUrl(`/api/v1/evaluations/${evaluation.id}/download`, { what: 'results', format })
  return (
    <div className="sw-stack">
      <div className="sw-row">
        <Button href={file('csv')} icon={<DownloadOutlined aria-hidden />}>
          {t('results.csv')}
        </Button>
        <Button href={file('json')}>{t('results.json')}</Button>
      </div>
      {data.models.map((model) => (
        <ModelResults key={model.index} evaluation={evaluation.id} model={model} />
      ))}
    </div>
  )
}

function ModelResults({ evaluation, model }: { evaluation: string; model: ModelResult }) {
  const title = (
    <span className="sw-row">
      {model.name}
      <StatusTag state={model.state} reason={model.reason || null} />
    </span>
  )
  const say = useSentence()
  return (
    <Panel title={title} flush>
      <DataTable
        label={model.name}
        rows={model.results}
        rowKey={({ set }) => set}
        columns={useColumns(evaluation, model)}
        empty={<EmptyState title={say(model.reason || '–')} />}
      />
    </Panel>
  )
}

function useColumns(evaluation: string, model: ModelResult): Column<Result>[] {
  const t = useText(text)
  const metrics = METRICS.filter((name) => model.results.some((one) => name in one.metrics))
  const link = (set: string) => {
    const query = new URLSearchParams({ model: model.name, set })
    return `/evaluations/${evaluation}/samples?${query.toString()}`
  }
  return [
    { key: 'set', title: t('set'), render: ({ set }) => <strong>{set}</strong> },
    {
      key: 'samples',
      title: t('samples'),
      align: 'right',
      render: ({ samples }) => <Count value={samples} />,
    },
    ...metrics.map((name) => ({
      key: name,
      title: t(name),
      align: 'right' as const,
      render: (one: Result) => (
        <Figure value={one.metrics[name]} error={one.standard_errors[name]} />
      ),
    })),
    {
      key: 'failed',
      title: t('failed'),
      align: 'right',
      render: ({ failed }) => <Count value={failed.length} />,
    },
    {
      key: 'tokens',
      title: t('tokens'),
      align: 'right',
      render: ({ tokens }) => (
        <span className="sw-num">
          {tokens.prompt ?? tokens.prompt_tokens ?? 0} /{' '}
          {tokens.completion ?? tokens.completion_tokens ?? 0}
        </span>
      ),
    },
    {
      key: 'time',
      title: t('runTime'),
      align: 'right',
      render: ({ run_time_s }) => <Duration seconds={run_time_s} />,
    },
    {
      key: 'look',
      title: '',
      align: 'right',
      render: ({ set }) => <Link to={link(set)}>{t('results.look')}</Link>,
    },
  ]
}

function Figure({ value, error }: { value: number | undefined; error: number | undefined }) {
  if (value === undefined) return <span className="sw-faint">–</span>
  return (
    <span className="sw-num sw-nowrap" title={String(value)}>
      <strong>{value.toFixed(4)}</strong>
      {error === undefined ? null : <small className="sw-faint"> ±{formatMetric(error)}</small>}
    </span>
  )
}
