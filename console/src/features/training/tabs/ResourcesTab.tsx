import { DashboardOutlined } from '@ant-design/icons'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Alert, Select, Skeleton } from 'antd'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import type { Series } from '@/ui/charts/types'
import { EmptyState } from '@/ui/EmptyState'
import { Panel } from '@/ui/Page'
import { namesById } from '../name'
import { instanceList, instanceSamples, isActive, taskNetwork, type TaskDetail } from '../queries'
import { telemetryText } from '../telemetryText'
import { text } from '../text'
import {
  figureLines,
  gpuLines,
  hasFigure,
  hasGpus,
  inUnit,
  rateLines,
  type Sampled,
} from '../usage'

/** What the instances use, over time: all of the newest run, or those chosen (`?of=`). */
export function ResourcesTab({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { data } = useQuery(instanceList(task.id))
  const all = useMemo(() => data?.items ?? [], [data])
  const [query, setQuery] = useSearchParams()
  const asked = query.getAll('of').filter((id) => all.some((one) => one.id === id))
  const newest = all.filter((one) => one.created_at === all.at(-1)?.created_at)
  const shown = asked.length > 0 ? asked : newest.map(({ id }) => id)
  const results = useQueries({
    queries: shown.map((id) => instanceSamples(task.id, id, isActive(task))),
  })
  const nameOf = namesById(all)
  const sampled: Sampled[] = shown.map((id, at) => ({
    name: nameOf(id),
    samples: results[at]?.data?.items ?? [],
  }))
  const choose = (ids: string[]) => {
    const next = new URLSearchParams(query)
    next.delete('of')
    for (const id of ids) next.append('of', id)
    setQuery(next, { replace: true })
  }
  if (data === undefined || results.some((one) => one.isPending)) {
    return <Skeleton active paragraph={{ rows: 8 }} />
  }
  if (sampled.every(({ samples }) => samples.length === 0)) {
    return (
      <Panel>
        <EmptyState
          icon={<DashboardOutlined aria-hidden />}
          title={t('usage.empty')}
          hint={t('usage.emptyHint')}
        />
      </Panel>
    )
  }
  return (
    <div className="sw-stack">
      {all.length > 1 ? (
        <Select
          mode="multiple"
          className="training-instances"
          aria-label={t('tab.instances')}
          value={shown}
          onChange={choose}
          options={all.toReversed().map(({ id }) => ({ value: id, label: nameOf(id) }))}
        />
      ) : null}
      <Network id={task.id} />
      <Charts of={sampled} />
    </div>
  )
}

/** What NCCL wrote in the log about the way between instances. */
function Network({ id }: { id: string }) {
  const t = useText(telemetryText)
  const { data } = useQuery(taskNetwork(id))
  if (data === undefined || data.network === 'unknown') return null
  return (
    <Alert
      type={data.network === 'rdma' ? 'success' : 'info'}
      showIcon
      title={t(`network.${data.network}`)}
      description={<code>{data.line}</code>}
    />
  )
}

function Charts({ of }: { of: readonly Sampled[] }) {
  const t = useText(text)
  const telemetry = useText(telemetryText)
  const card = (instance: string, index: number) => t('usage.card', { instance, index })
  return (
    <div className="training-charts">
      <ShareChart label={t('usage.cpu')} series={figureLines(of, 'cpu_pct')} />
      <BytesChart label={t('usage.memory')} series={figureLines(of, 'mem_bytes')} />
      {hasFigure(of, 'mem_pct') ? (
        <ShareChart label={t('usage.memoryShare')} series={figureLines(of, 'mem_pct')} />
      ) : null}
      {hasGpus(of) ? (
        <>
          <ShareChart label={t('usage.gpu')} series={gpuLines(of, 'util_pct', card)} />
          <BytesChart label={t('usage.gpuMemory')} series={gpuLines(of, 'mem_bytes', card)} />
          <ShareChart label={t('usage.gpuMemoryShare')} series={gpuLines(of, 'mem_pct', card)} />
        </>
      ) : null}
      {hasFigure(of, 'read_bytes') ? (
        <>
          <BytesChart label={t('usage.read')} series={rateLines(of, 'read_bytes')} per="/s" />
          <BytesChart label={t('usage.write')} series={rateLines(of, 'write_bytes')} per="/s" />
        </>
      ) : null}
      {hasFigure(of, 'rdma_sent_bytes') ? (
        <>
          <BytesChart
            label={telemetry('rdma.received')}
            series={rateLines(of, 'rdma_received_bytes')}
            per="/s"
          />
          <BytesChart
            label={telemetry('rdma.sent')}
            series={rateLines(of, 'rdma_sent_bytes')}
            per="/s"
          />
        </>
      ) : null}
      <UsageChart
        label={t('usage.processes')}
        series={figureLines(of, 'processes')}
        format={formatMetric}
      />
    </div>
  )
}

function ShareChart({ label, series }: Omit<ChartProps, 'format'>) {
  return <UsageChart label={label} series={series} format={(value) => `${formatMetric(value)}%`} />
}

function BytesChart({ label, series, per = '' }: Omit<ChartProps, 'format'> & { per?: string }) {
  const { lines, unit } = inUnit(series)
  const format = (value: number) => `${formatMetric(value)} ${unit}${per}`
  return <UsageChart label={label} series={lines} format={format} />
}

interface ChartProps {
  label: string
  series: Series[]
  format: (value: number) => string
}

function UsageChart({ label, series, format }: ChartProps) {
  return (
    <Panel title={label}>
      <LineChart
        label={label}
        series={series}
        xAxis="time"
        minY={0}
        formatY={format}
        height={190}
      />
    </Panel>
  )
}
