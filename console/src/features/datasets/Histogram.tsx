import { formatBytes, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { BarChart } from '@/ui/charts/Chart'
import { pageText } from './pageText'
import type { Numbers } from './queries'

interface Props {
  label: string
  numbers: Numbers
  bytes?: boolean
  height?: number
  /** Bins of width 1 are single numbers. */
  whole?: boolean
}

/** How a number is spread over all samples, with its figures above. */
export function Histogram({ label, numbers, bytes = false, height = 180, whole = true }: Props) {
  const p = useText(pageText)
  const format = bytes ? formatBytes : formatMetric
  const figures = [
    ['stats.min', numbers.min],
    ['stats.mean', numbers.mean],
    ['stats.median', numbers.median],
    ['stats.p95', numbers.p95],
    ['stats.max', numbers.max],
  ] as const
  return (
    <div>
      <dl className="datasets-figures">
        {figures.map(([key, value]) =>
          value == null ? null : (
            <div key={key}>
              <dt>{p(key)}</dt>
              <dd className="sw-num">{format(value)}</dd>
            </div>
          ),
        )}
      </dl>
      <BarChart
        label={label}
        height={height}
        categories={numbers.histogram.map(([from, to]) => binName(from, to, whole, format))}
        series={[
          { name: p('stats.samples'), values: numbers.histogram.map(([, , count]) => count) },
        ]}
      />
    </div>
  )
}

export function binName(
  from: number,
  to: number,
  whole: boolean,
  format: (value: number) => string = formatMetric,
): string {
  if (whole && to - from === 1) return format(from)
  return `${format(from)} – ${format(whole && Number.isInteger(to) ? to - 1 : to)}`
}
