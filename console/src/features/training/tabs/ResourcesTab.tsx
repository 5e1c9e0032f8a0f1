import { DashboardOutlined } from '@ant-design/icons'
import { useQueries, useQuery } from '@tanstack/react-query'
import { Select, Skeleton } from 'antd'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { formatBytes, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import type { Series } from '@/ui/charts/types'
import { EmptyState } from '@/ui/EmptyState'
import { Panel } from '@/ui/Page'
import { namesById } from '../name'
import { instanceList, instanceSamples, isActive, type TaskDetail } from '../queries'
import { text } from '../text'
import { figureLines, gpuLines, hasFigure, hasGpus, rateLines, type Sampled } from '../usage'

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
      <Charts of={sampled} />
    </div>
  )
}

function Charts({ of }: { of: readonly Sampled[] }) {
  const t = useText(text)
  const card = (instance: string, index: number) => t('usage.card', { instance, index })
  const rate = (value: number) => `${formatBytes(value)}/s`
  return (
    <div className="training-charts">
      <UsageChart label={t('usage.cpu')} series={figureLines(of, 'cpu_pct')} format={percent} />
      <UsageChart
        label={t('usage.memory')}
        series={figureLines(of, 'mem_bytes')}
        format={formatBytes}
      />
      {hasFigure(of, 'mem_pct') ? (
        <UsageChart
          label={t('usage.memoryShare')}
          series={figureLines(of, 'mem_pct')}
          format={percent}
        />
      ) : null}
      {hasGpus(of) ? (
        <>
          <UsageChart
            label={t('usage.gpu')}
            series={gpuLines(of, 'util_pct', card)}
            format={percent}
          />
          <UsageChart
            label={t('usage.gpuMemory')}
            series={gpuLines(of, 'mem_bytes', card)}
            format={formatBytes}
          />
          <UsageChart
            label={t('usage.gpuMemoryShare')}
            series={gpuLines(of, 'mem_pct', card)}
            format={percent}
          />
        </>
      ) : null}
      {hasFigure(of, 'read_bytes') ? (
        <>
          <UsageChart label={t('usage.read')} series={rateLines(of, 'read_bytes')} format={rate} />
          <UsageChart
            label={t('usage.write')}
            series={rateLines(of, 'write_bytes')}
            format={rate}
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

function percent(value: number): string {
  return `${formatMetric(value)}%`
}
