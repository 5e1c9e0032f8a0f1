import { lazy, Suspense } from 'react'
import { useText } from '@/base/text'
import { ErrorBoundary } from '../ErrorBoundary'
import { text } from '../text'
import type { BarSpec, ChartSpec, LineSpec, ParallelSpec, RadarSpec } from './types'

const EChart = lazy(() => import('./EChart'))

interface Frame {
  /** What the chart shows, for readers that cannot see it. */
  label: string
  height?: number
}

export function LineChart({ label, height, ...spec }: Frame & Omit<LineSpec, 'kind'>) {
  const empty = spec.series.every((one) => one.points.length === 0)
  return <Chart label={label} height={height} empty={empty} spec={{ kind: 'line', ...spec }} />
}

export function BarChart({ label, height, ...spec }: Frame & Omit<BarSpec, 'kind'>) {
  const empty = spec.series.length === 0 || spec.categories.length === 0
  return <Chart label={label} height={height} empty={empty} spec={{ kind: 'bar', ...spec }} />
}

export function RadarChart({ label, height = 360, ...spec }: Frame & Omit<RadarSpec, 'kind'>) {
  const empty = spec.series.length === 0 || spec.axes.length === 0
  return <Chart label={label} height={height} empty={empty} spec={{ kind: 'radar', ...spec }} />
}

export function ParallelChart({
  label,
  height = 320,
  ...spec
}: Frame & Omit<ParallelSpec, 'kind'>) {
  const empty = spec.rows.length === 0
  return <Chart label={label} height={height} empty={empty} spec={{ kind: 'parallel', ...spec }} />
}

interface Props extends Frame {
  spec: ChartSpec
  empty: boolean
}

function Chart({ label, height = 220, empty, spec }: Props) {
  const t = useText(text)
  return (
    <div className="sw-chart" role="img" aria-label={label} style={{ height }}>
      {empty ? (
        <div className="sw-chart-empty">{t('chart.noData')}</div>
      ) : (
        <ErrorBoundary>
          <Suspense fallback={<div className="sw-chart-wait" />}>
            <EChart spec={spec} />
          </Suspense>
        </ErrorBoundary>
      )}
    </div>
  )
}
