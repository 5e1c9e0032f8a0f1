import type { ParallelAxis } from '@/ui/charts/types'
import type { SearchDetail, SearchTrial } from './queries'

type Direction = SearchDetail['direction']

export function isBetter(one: number, other: number, direction: Direction): boolean {
  return direction === 'minimize' ? one < other : one > other
}

/** The best value up to each trial, in their order; a trial without a value changes nothing. */
export function bestSoFar(
  trials: readonly SearchTrial[],
  direction: Direction,
): [number: number, best: number][] {
  const points: [number, number][] = []
  let best: number | null = null
  for (const { number, value, state } of trials) {
    if (
      value !== null &&
      state === 'Completed' &&
      (best === null || isBetter(value, best, direction))
    ) {
      best = value
    }
    if (best !== null) points.push([number, best])
  }
  return points
}

/** Orders of the table: `number`, `value`, `state`, `run_time`, or `p:<parameter>`; `-` in front turns it. */
export function sortTrials(trials: readonly SearchTrial[], order: string): SearchTrial[] {
  const key = order.replace(/^-/, '')
  const sign = order.startsWith('-') ? -1 : 1
  return [...trials].sort((a, b) => {
    const [one, other] = [cell(a, key), cell(b, key)]
    // What is not there comes last in both directions.
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    return sign * compare(one, other) || a.number - b.number
  })
}

type Cell = string | number | boolean | null

function cell(trial: SearchTrial, key: string): Cell {
  if (key.startsWith('p:')) return trial.parameters[key.slice(2)] ?? null
  if (key === 'value') return trial.value
  if (key === 'state') return trial.state
  if (key === 'run_time') return trial.run_time_s
  return trial.number
}

function compare(one: Exclude<Cell, null>, other: Exclude<Cell, null>): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one).localeCompare(String(other), undefined, { numeric: true })
}

/** An axis for every parameter, and the metric as the last one; the rows are trials with a value. */
export function parallelOf(search: SearchDetail): {
  axes: ParallelAxis[]
  rows: (number | string)[][]
} {
  const axes: ParallelAxis[] = search.space.map(({ name, kind, log, values }) =>
    kind === 'choice'
      ? { name, type: 'category', categories: values.map(String) }
      : { name, type: log ? 'log' : 'value' },
  )
  const rows = search.trial_list.flatMap(({ parameters, value }) =>
    value === null
      ? []
      : [
          [
            ...search.space.map(({ name, kind }) =>
              kind === 'choice' ? String(parameters[name]) : Number(parameters[name]),
            ),
            value,
          ],
        ],
  )
  return { axes: [...axes, { name: search.metric, type: 'value' }], rows }
}
