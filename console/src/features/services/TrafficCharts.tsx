import { useQuery } from '@tanstack/react-query'
import { formatBytes, formatDuration } from '@/base/format'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import type { Series } from '@/ui/charts/types'
import { Panel } from '@/ui/Page'
import { replicaTraffic, type Replica, type Traffic } from './queries'
import { text } from './text'

type Figure = Exclude<keyof Traffic['items'][number], 'time'>

/** What one instance was asked in the last hour; a minute without a call is 0. */
export function TrafficCharts({ service, replica }: { service: string; replica: Replica }) {
  const t = useText(text)
  const { data } = useQuery(
    replicaTraffic(service, replica.version_id, replica.id, replica.ended_at === null),
  )
  if (data === undefined) return null
  if (data.items.length === 0) return <p className="sw-soft">{t('traffic.none')}</p>
  const line = (figure: Figure, name: string) => lineOf(data, figure, name)
  const charts: [string, Series[], (value: number) => string][] = [
    [t('monitor.qps'), [line('qps', t('monitor.received'))], rounded],
    [t('load.concurrent'), [line('concurrent', t('load.concurrent'))], rounded],
    [
      t('monitor.traffic'),
      [line('request_bytes', t('monitor.bytesIn')), line('response_bytes', t('monitor.bytesOut'))],
      (value) => formatBytes(value),
    ],
    [
      t('traffic.mean'),
      [line('mean_ms', t('traffic.mean'))],
      (value) => formatDuration(value / 1000),
    ],
  ]
  return charts.map(([label, series, format]) => (
    <Panel key={label} title={label}>
      <LineChart label={label} series={series} xAxis="time" minY={0} formatY={format} />
    </Panel>
  ))
}

function lineOf({ items, start, end, step_s }: Traffic, figure: Figure, name: string): Series {
  const stepMs = step_s * 1000
  const known = new Map(
    items.map((one) => [Math.floor(Date.parse(one.time) / stepMs), one[figure]]),
  )
  const first = Math.floor(Date.parse(start) / stepMs)
  const last = Math.floor((Date.parse(end) - 1) / stepMs)
  const points: [number, number][] = []
  for (let at = first; at <= last; at += 1) {
    const value = known.get(at) ?? (figure === 'mean_ms' ? null : 0)
    if (value !== null) points.push([at * stepMs, value])
  }
  return { name, points }
}

const rounded = (value: number) => String(Math.round(value * 100) / 100)
