import { DownloadOutlined, FileSearchOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Input, Select, Switch } from 'antd'
import { useSearchParams } from 'react-router'
import { apiUrl } from '@/api/client'
import { formatDuration, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { METRICS, sampleList, type EvaluationDetail, type SampleOf } from '../queries'
import { SideBySide } from '../SideBySide'
import { text } from '../text'

const PAGE = 20

/** Answers one by one; a row opens the same question over all models. All of it in the address. */
export function SamplesTab({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useText(text)
  const [query, setQuery] = useSearchParams()
  const change = (values: Record<string, string | string[] | null>, keepPlace = false) => {
    const next = new URLSearchParams(query)
    if (!keepPlace) next.delete('at')
    for (const [name, value] of Object.entries(values)) {
      next.delete(name)
      for (const one of value === null ? [] : [value].flat()) next.append(name, one)
    }
    setQuery(next, { replace: true })
  }
  const narrowing = {
    model: query.getAll('model'),
    set: query.getAll('set'),
    wrong: query.get('wrong') === 'true',
    search: query.get('search') ?? '',
  }
  const trail = query.getAll('at')
  const cursor = trail.at(-1)
  const { data, error, refetch } = useQuery(
    sampleList(evaluation.id, {
      ...narrowing,
      ...(narrowing.search === '' ? { search: undefined } : {}),
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    }),
  )
  const openSet = query.get('open-set')
  const openIndex = query.get('open')
  const columns = useColumns((one) =>
    change({ open: String(one.index), 'open-set': one.set }, true),
  )
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Panel flush>
      <div className="sw-toolbar evaluation-tools">
        <Input.Search
          key={narrowing.search}
          className="evaluation-search"
          allowClear
          aria-label={t('samples.search')}
          placeholder={t('samples.search')}
          defaultValue={narrowing.search}
          onSearch={(words) => change({ search: words.trim() || null })}
        />
        <Choice
          label={t('samples.model')}
          all={evaluation.models}
          value={narrowing.model}
          onChange={(model) => change({ model })}
        />
        <Choice
          label={t('set')}
          all={evaluation.sets}
          value={narrowing.set}
          onChange={(set) => change({ set })}
        />
        <span className="sw-row">
          <Switch
            size="small"
            aria-label={t('samples.wrong')}
            checked={narrowing.wrong}
            onChange={(on) => change({ wrong: on ? 'true' : null })}
          />
          {t('samples.wrong')}
        </span>
        <Button
          className="evaluation-right"
          icon={<DownloadOutlined aria-hidden />}
          href={downloadUrl(evaluation.id, query)}
        >
          {t('samples.download')}
        </Button>
      </div>
      <DataTable
        label={t('tab.samples')}
        rows={data?.items ?? []}
        rowKey={({ model, set, index }) => `${set} ${index} ${model}`}
        loading={data === undefined}
        columns={columns}
        empty={
          <EmptyState
            icon={<FileSearchOutlined aria-hidden />}
            title={t('samples.none')}
            hint={t('samples.noneHint')}
          />
        }
      />
      <div className="evaluation-pager">
        <span className="sw-faint">{t('samples.total', { count: data?.total ?? 0 })}</span>
        <Button
          size="small"
          disabled={trail.length === 0}
          onClick={() => change({ at: trail.slice(0, -1) }, true)}
        >
          {t('samples.previous')}
        </Button>
        <Button
          size="small"
          disabled={data?.next_cursor == null}
          onClick={() => change({ at: [...trail, data?.next_cursor ?? ''] }, true)}
        >
          {t('samples.next')}
        </Button>
      </div>
      <Drawer
        open={openIndex !== null}
        size="min(1200px, 92vw)"
        title={t('sample.title', { index: Number(openIndex) + 1, set: openSet ?? '' })}
        onClose={() => change({ open: null, 'open-set': null }, true)}
        destroyOnHidden
      >
        {openIndex === null || openSet === null ? null : (
          <SideBySide evaluation={evaluation} set={openSet} index={Number(openIndex)} />
        )}
      </Drawer>
    </Panel>
  )
}

function downloadUrl(id: string, query: URLSearchParams): string {
  const url = new URL(
    apiUrl(`/api/v1/evaluations/${id}/download`, { what: 'samples', format: 'csv' }),
    window.location.origin,
  )
  for (const name of ['model', 'set', 'wrong', 'search']) {
    for (const value of query.getAll(name)) url.searchParams.append(name, value)
  }
  return url.pathname + url.search
}

interface ChoiceProps {
  label: string
  all: readonly string[]
  value: string[]
  onChange: (value: string[]) => void
}

function Choice({ label, all, value, onChange }: ChoiceProps) {
  if (all.length < 2) return null
  return (
    <Select
      mode="multiple"
      className="evaluation-choice"
      aria-label={label}
      placeholder={label}
      maxTagCount="responsive"
      value={value}
      onChange={onChange}
      options={all.map((one) => ({ value: one, label: one }))}
    />
  )
}

function useColumns(onOpen: (sample: SampleOf) => void): Column<SampleOf>[] {
  const t = useText(text)
  return [
    {
      key: 'index',
      title: '#',
      width: 56,
      render: (one) => (
        <Button type="link" size="small" onClick={() => onOpen(one)}>
          {one.index + 1}
        </Button>
      ),
    },
    {
      key: 'model',
      title: t('samples.model'),
      render: ({ model, set }) => (
        <span className="sw-name">
          {model}
          <small>{set}</small>
        </span>
      ),
    },
    {
      key: 'right',
      title: t('scores'),
      render: (one) => <Verdict sample={one} />,
    },
    {
      key: 'question',
      title: t('question'),
      render: ({ prompt }) => <Clipped words={prompt.at(-1)?.content ?? ''} />,
    },
    { key: 'expected', title: t('expected'), render: (one) => <Clipped words={one.reference} /> },
    {
      key: 'answer',
      title: t('answer'),
      render: (one) => <Clipped words={one.error ?? one.output} bad={one.error !== null} />,
    },
    {
      key: 'time',
      title: t('time'),
      align: 'right',
      render: ({ time_ms }) => <span className="sw-num">{formatDuration(time_ms / 1000)}</span>,
    },
  ]
}

export function Verdict({ sample: { wrong, scores } }: { sample: SampleOf }) {
  const t = useText(text)
  const figures = METRICS.flatMap((name) =>
    scores[name] === undefined ? [] : [`${t(name)} ${formatMetric(scores[name])}`],
  )
  return (
    <span title={figures.join('\n')}>
      <span className="sw-status" data-tone={wrong ? 'bad' : 'good'}>
        {t(wrong ? 'wrong' : 'right')}
      </span>
    </span>
  )
}

function Clipped({ words, bad = false }: { words: string; bad?: boolean }) {
  return (
    <div className="evaluation-clipped" data-tone={bad ? 'bad' : undefined} title={words}>
      {words || '–'}
    </div>
  )
}
