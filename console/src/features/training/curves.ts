import type { Series } from '@/ui/charts/types'
import type { MetricSeries } from './queries'

export const AXES = ['step', 'epoch', 'time'] as const
export type Axis = (typeof AXES)[number]

export interface CurveLook {
  axis: Axis
  /** 0: as reported; towards 1: smoother. */
  smoothing: number
  log: boolean
}

export interface Metric {
  name: string
  curves: MetricSeries[]
}

/** One entry a metric, losses first: they are what one looks at first. */
export function metricsOf(items: readonly MetricSeries[]): Metric[] {
  const metrics = new Map<string, MetricSeries[]>()
  for (const one of items) metrics.set(one.name, [...(metrics.get(one.name) ?? []), one])
  const rank = (name: string) => (/loss/i.test(name) ? 0 : 1)
  return [...metrics]
    .map(([name, curves]) => ({ name, curves }))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name))
}

/** The lines of one chart: the smoothed curve, and thin behind it what was reported. */
export function linesOf(
  { curves, name }: Metric,
  look: CurveLook,
  nameOf: (instance: string) => string,
  rawName: (label: string) => string,
): Series[] {
  return curves.flatMap((curve) => {
    const label = curves.length > 1 ? nameOf(curve.instance_id) : name
    const xs = along(curve, look.axis)
    const points = (values: readonly number[]) =>
      values.flatMap((value, at) => {
        const x = xs[at]
        return x == null ? [] : [[x, look.log && value <= 0 ? null : value] as const]
      })
    if (look.smoothing === 0) return [{ name: label, points: points(curve.value) }]
    return [
      { name: label, points: points(smoothed(curve.value, look.smoothing)) },
      { name: rawName(label), points: points(curve.value), secondary: true },
    ]
  })
}

/** Which axes the reports can be drawn along; time always. */
export function axesOf(items: readonly MetricSeries[]): Axis[] {
  const has = (values: readonly (number | null)[]) => values.some((value) => value !== null)
  return AXES.filter(
    (axis) => axis === 'time' || items.some((one) => has(axis === 'step' ? one.step : one.epoch)),
  )
}

function along({ step, epoch, time_s }: MetricSeries, axis: Axis): (number | null)[] {
  if (axis === 'time') return time_s.map((seconds) => seconds * 1000)
  return axis === 'step' ? step : epoch
}

/** Exponential moving average, corrected for its start so that the first point is the first value. */
export function smoothed(values: readonly number[], weight: number): number[] {
  let sum = 0
  let share = 0
  return values.map((value) => {
    sum = sum * weight + value * (1 - weight)
    share = share * weight + (1 - weight)
    return sum / share
  })
}

export interface Summary {
  last: number
  min: number
  max: number
}

export function summaryOf({ curves }: Metric): Summary | null {
  const values = curves.flatMap(({ value }) => value)
  const newest = curves
    .flatMap(({ time_s, value }) => (time_s.length > 0 ? [[time_s.at(-1), value.at(-1)]] : []))
    .reduce<(number | undefined)[] | null>(
      (best, one) => (best === null || (one[0] ?? 0) >= (best[0] ?? 0) ? one : best),
      null,
    )
  const last = newest?.[1]
  if (last === undefined) return null
  return { last, min: least(values), max: -least(values.map((value) => -value)) }
}

/** `Math.min(...values)` overflows the stack on long curves. */
function least(values: readonly number[]): number {
  return values.reduce((best, value) => (value < best ? value : best), Number.POSITIVE_INFINITY)
}
