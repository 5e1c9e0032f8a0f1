import { CloseOutlined, DiffOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Skeleton, Switch } from 'antd'
import type { ReactNode } from 'react'
import { Link, useSearchParams } from 'react-router'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { axesOf, type Axis } from '../curves'
import { telemetryText } from '../telemetryText'
import { text } from '../text'
import '../training.css'
import { comparison, type ComparedRun, type Comparison } from './queries'
import { metricNames, overlaid, parameterRows, runNames } from './table'

/** Runs side by side; which ones, and how they are drawn, stands in the address. */
export function ComparePage() {
  const t = useText(telemetryText)
  const words = useText(text)
  const [query] = useSearchParams()
  const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '')
  const { data, error, refetch } = useQuery({ ...comparison(ids), enabled: ids.length > 0 })
  return (
    <Page
      title={t('compare.title')}
      description={t('compare.lead')}
      back={{ to: '/training', label: words('title') }}
    >
      {ids.length === 0 ? (
        <Panel>
          <EmptyState
            icon={<DiffOutlined aria-hidden />}
            title={t('compare.none')}
            hint={t('compare.noneHint')}
            action={<Link to="/training">{words('title')}</Link>}
          />
        </Panel>
      ) : error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton active paragraph={{ rows: 12 }} />
      ) : (
        <div className="sw-stack">
          <LastValues found={data} ids={ids} />
          <Parameters found={data} />
          <Curves runs={data.runs} />
        </div>
      )}
    </Page>
  )
}

function LastValues({ found: { runs }, ids }: { found: Comparison; ids: readonly string[] }) {
  const t = useText(telemetryText)
  const words = useText(text)
  const [query, setQuery] = useSearchParams()
  const without = (id: string) => {
    const next = new URLSearchParams(query)
    next.set('ids', ids.filter((one) => one !== id).join(','))
    setQuery(next, { replace: true })
  }
  return (
    <Panel title={t('compare.metrics')} flush>
      <Table
        corner={t('compare.metric')}
        heads={runs.map((run) => (
          <RunHead key={run.id} run={run} onRemove={() => without(run.id)} />
        ))}
        rows={[
          {
            name: words('state'),
            cells: runs.map((run) => <StatusTag key={run.id} state={run.state} />),
          },
          {
            name: t('compare.runTime'),
            cells: runs.map((run) => <Duration key={run.id} seconds={run.run_time_s} />),
          },
          ...metricNames(runs).map((name) => ({
            name,
            cells: runs.map(({ metrics }) => {
              const last = metrics[name]
              return last === undefined ? null : formatMetric(last.value)
            }),
          })),
        ]}
      />
    </Panel>
  )
}

function RunHead({ run, onRemove }: { run: ComparedRun; onRemove: () => void }) {
  const t = useText(telemetryText)
  return (
    <span className="sw-name">
      <span className="sw-nowrap">
        <Link to={`/${run.is_task ? 'training' : 'runs'}/${run.id}`}>{run.name}</Link>{' '}
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t('compare.remove', { name: run.name })}
          onClick={onRemove}
        />
      </span>
      <small>{run.is_task ? run.id : `${run.id} · ${t('compare.outside')}`}</small>
    </span>
  )
}

function Parameters({ found }: { found: Comparison }) {
  const t = useText(telemetryText)
  const [query, setQuery] = useSearchParams()
  const only = query.get('all') !== 'true'
  const rows = parameterRows(found, only)
  const toggle = (on: boolean) => {
    const next = new URLSearchParams(query)
    if (on) next.delete('all')
    else next.set('all', 'true')
    setQuery(next, { replace: true })
  }
  return (
    <Panel
      title={t('compare.parameters')}
      flush
      actions={
        <span className="training-look-field">
          <Switch
            size="small"
            aria-label={t('compare.onlyDiffering')}
            checked={only}
            onChange={toggle}
          />
          <span>{t('compare.onlyDiffering')}</span>
        </span>
      }
    >
      {rows.length === 0 ? (
        <p className="sw-pad sw-faint">{t('compare.allSame')}</p>
      ) : (
        <Table
          corner={t('compare.parameter')}
          heads={runNames(found.runs)}
          rows={rows.map(({ name, values, differs }) => ({ name, differs, cells: values }))}
        />
      )}
    </Panel>
  )
}

function Curves({ runs }: { runs: readonly ComparedRun[] }) {
  const t = useText(telemetryText)
  const words = useText(text)
  const [query, setQuery] = useSearchParams()
  const names = runNames(runs)
  const metrics = metricNames(runs)
  const axes = axesOf(runs.flatMap(({ series }) => series))
  const asked = query.get('axis') as Axis | null
  const axis = asked !== null && axes.includes(asked) ? asked : (axes[0] ?? 'time')
  const choose = (next: Axis) => {
    const changed = new URLSearchParams(query)
    changed.set('axis', next)
    setQuery(changed, { replace: true })
  }
  if (metrics.length === 0) {
    return (
      <Panel title={t('compare.curves')}>
        <p className="sw-faint">{t('compare.noMetrics')}</p>
      </Panel>
    )
  }
  return (
    <>
      <Segmented<Axis>
        aria-label={words('metrics.axis')}
        value={axis}
        options={axes.map((one) => ({ value: one, label: words(`axis.${one}`) }))}
        onChange={choose}
      />
      <div className="training-charts">
        {metrics.map((metric) => (
          <Panel key={metric} title={<span className="training-metric">{metric}</span>}>
            <LineChart
              label={metric}
              series={overlaid(runs, names, metric, { axis, smoothing: 0, log: false })}
              xAxis={axis === 'time' ? 'time' : 'number'}
            />
          </Panel>
        ))}
      </div>
    </>
  )
}

interface TableProps {
  corner: string
  heads: readonly ReactNode[]
  rows: readonly { name: string; differs?: boolean; cells: readonly ReactNode[] }[]
}

function Table({ corner, heads, rows }: TableProps) {
  return (
    <div className="training-compare-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {heads.map((head, at) => (
              <th key={at} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, differs, cells }) => (
            <tr key={name} data-differs={differs === true}>
              <th scope="row">{name}</th>
              {cells.map((cell, at) => (
                <td key={at}>{cell ?? <span className="sw-faint">–</span>}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
