import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { formatBytes, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { replicaSamples, type Replica } from './queries'
import { text } from './text'
import { TrafficCharts } from './TrafficCharts'
import { cardLines, figureLine } from './usage'

/** CPU, memory, cards and calls of one instance over time. */
export function UsageCharts({ service, replica }: { service: string; replica: Replica }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(
    replicaSamples(service, replica.version_id, replica.id, replica.ended_at === null),
  )
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 6 }} />
  const card = (index: number) => t('usage.card', { index })
  const charts = [
    {
      label: t('usage.cpu'),
      series: [figureLine(data.items, 'cpu_pct', t('usage.cpu'))],
      format: percent,
    },
    {
      label: t('usage.memory'),
      series: [figureLine(data.items, 'mem_bytes', t('usage.memory'))],
      format: (value: number) => formatBytes(value),
    },
    { label: t('usage.gpu'), series: cardLines(data.items, 'util_pct', card), format: percent },
    {
      label: t('usage.gpuMemory'),
      series: cardLines(data.items, 'mem_bytes', card),
      format: (value: number) => formatBytes(value),
    },
  ].filter(({ series }, at) => at < 2 || series.length > 0)
  return (
    <div className="sw-stack">
      {charts.map(({ label, series, format }) => (
        <Panel key={label} title={label}>
          <LineChart label={label} series={series} xAxis="time" minY={0} formatY={format} />
        </Panel>
      ))}
      <TrafficCharts service={service} replica={replica} />
    </div>
  )
}

function percent(value: number): string {
  return `${formatMetric(value)}%`
}
