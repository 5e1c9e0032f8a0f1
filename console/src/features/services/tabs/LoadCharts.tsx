import { useQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import type { Series } from '@/ui/charts/types'
import { Panel } from '@/ui/Page'
import { serviceMonitor, type Asked, type Monitor } from '../queries'
import { text } from '../text'

type Figure = Exclude<keyof Monitor['items'][number], 'time'>

/** Instances and what they use; kept by the minute, also where nobody calls. */
export function LoadCharts({
  service,
  asked,
  llm,
}: {
  service: string
  asked: Asked
  llm: boolean
}) {
  const t = useText(text)
  const { range, version } = asked
  const { data } = useQuery(
    serviceMonitor(service, { range, ...(version === undefined ? {} : { version }) }),
  )
  if (data === undefined || data.items.length === 0) return null
  const line = (figure: Figure, name: string) => lineOf(data, figure, name)
  const charts: [string, Series[], string][] = [
    [
      t('load.instances'),
      [line('expected', t('load.expected')), line('running', t('load.running'))],
      '',
    ],
    [t('load.concurrent'), [line('in_flight', t('load.concurrent'))], ''],
    [
      t('load.resources'),
      [
        line('cpu_pct', t('usage.cpu')),
        line('mem_pct', t('usage.memory')),
        line('gpu_pct', t('usage.gpu')),
        line('gpu_mem_pct', t('usage.gpuMemory')),
      ],
      '%',
    ],
    ...(llm
      ? ([
          [
            t('load.requests'),
            [line('llm_running', t('load.llmRunning')), line('llm_waiting', t('load.llmWaiting'))],
            '',
          ],
          [t('load.cache'), [line('kv_cache_pct', t('load.cache'))], '%'],
        ] as [string, Series[], string][])
      : []),
  ]
  return (
    <div className="services-charts">
      {charts.map(([label, all, unit]) => {
        const series = all.filter(({ points }) => points.length > 0)
        return series.length === 0 ? null : (
          <Panel key={label} title={label}>
            <LineChart
              label={label}
              series={series}
              xAxis="time"
              minY={0}
              formatY={(value) => `${Math.round(value * 10) / 10}${unit}`}
            />
          </Panel>
        )
      })}
    </div>
  )
}

/** What was not measured leaves a gap. */
function lineOf({ items }: Monitor, figure: Figure, name: string): Series {
  const points = items.flatMap((point): [number, number][] => {
    const value = point[figure]
    return value === null ? [] : [[Date.parse(point.time), value]]
  })
  return { name, points }
}
