import type { RadarSpec } from '@/ui/charts/types'
import type { Comparison } from './queries'

type Row = Comparison['rows'][number]

/** An axis of the chart: a set under the chosen metric, or a metric of the one set. */
export interface Axis {
  name: string
  set: string
  metric: string
}

export type Axes = 'sets' | 'metrics'

/** Fewer axes make no area: bars then. */
export const LEAST_AXES = 3
/** Table E8: a relative axis is widened by a tenth at both ends. */
const WIDENED = 0.1

export function axesOf(found: Comparison, by: Axes, nameOf: (metric: string) => string): Axis[] {
  const [only] = found.shown_sets
  if (by === 'metrics' && found.shown_sets.length === 1 && only !== undefined) {
    return found.metrics.map((metric) => ({ name: nameOf(metric), set: only, metric }))
  }
  return found.shown_sets.map((set) => ({ name: set, set, metric: found.metric }))
}

export function valueOf(row: Row, { set, metric }: Axis): number | null {
  return row.values[set]?.[metric] ?? null
}

/** Where a relative axis begins and ends; equal values lie in its middle. */
export function endsOf(rows: readonly Row[], axis: Axis): { min: number; max: number } {
  const known = rows.map((row) => valueOf(row, axis)).filter((value) => value !== null)
  if (known.length === 0) return { min: 0, max: 1 }
  const low = Math.min(...known)
  const high = Math.max(...known)
  const margin = high === low ? 1 : (high - low) * WIDENED
  return { min: low - margin, max: high + margin }
}

/** The values stay absolute in both modes, and so does what hovering shows; the axes differ. */
export function radarOf(
  rows: readonly Row[],
  axes: readonly Axis[],
  names: readonly string[],
  relative: boolean,
): Pick<RadarSpec, 'axes' | 'series'> {
  return {
    axes: axes.map((axis) => ({
      name: axis.name,
      ...(relative
        ? endsOf(rows, axis)
        : { min: 0, max: top(rows.map((row) => valueOf(row, axis))) }),
    })),
    series: rows.map((row, at) => ({
      name: names[at] ?? '',
      values: axes.map((axis) => valueOf(row, axis)),
    })),
  }
}

/** Scores end at 1 or at 100, whichever holds them. */
function top(values: readonly (number | null)[]): number {
  return Math.max(...values.map((value) => value ?? 0)) > 1 ? 100 : 1
}

/** A model's name; with its evaluation where the name alone is not enough. */
export function lineNames(rows: readonly Row[]): string[] {
  return rows.map(({ model, evaluation_name }) =>
    rows.filter((other) => other.model === model).length > 1
      ? `${model} · ${evaluation_name}`
      : model,
  )
}

/** All sets and metrics with every decimal. */
export function asCsv({ rows, sets, metrics }: Comparison): string {
  const columns = sets.flatMap((set) => metrics.map((metric) => ({ name: '', set, metric })))
  const head = ['model', 'evaluation', 'source', ...columns.map((c) => `${c.set} ${c.metric}`)]
  const lines = rows.map((row) => [
    row.model,
    row.evaluation_name,
    row.source,
    ...columns.map((column) => String(valueOf(row, column) ?? '')),
  ])
  return [head, ...lines].map((line) => line.map(quoted).join(',')).join('\r\n') + '\r\n'
}

/** What a spreadsheet would run as a formula begins with an apostrophe instead. */
function quoted(cell: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
