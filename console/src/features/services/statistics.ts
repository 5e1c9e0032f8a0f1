import type { Series } from '@/ui/charts/types'
import type { Statistics } from './queries'

type Point = Statistics['items'][number]
type Figure = Exclude<keyof Point, 'time'>

/** Steps without a call are left out by the API: a count is 0 there, a latency has no point. */
const COUNTED: ReadonlySet<Figure> = new Set<Figure>([
  'received',
  'succeeded',
  'failed',
  'throttled',
  'prompt_tokens',
  'completion_tokens',
  'request_bytes',
  'response_bytes',
])

export function lineOf(found: Statistics, figure: Figure, name: string): Series {
  const stepMs = found.step_s * 1000
  const known = new Map(found.items.map((point) => [slot(point.time, stepMs), point[figure]]))
  const first = Math.floor(Date.parse(found.start) / stepMs)
  const last = Math.floor((Date.parse(found.end) - 1) / stepMs)
  const points: [number, number | null][] = []
  for (let at = first; at <= last; at += 1) {
    const value = known.get(at) ?? (COUNTED.has(figure) ? 0 : null)
    // Ends without a value keep the axis to the range that was asked for.
    if (value !== null || at === first || at === last) points.push([at * stepMs, value])
  }
  return { name, points }
}

/** A count as calls a second. */
export function perSecond(found: Statistics, figure: Figure, name: string): Series {
  const { points } = lineOf(found, figure, name)
  return { name, points: points.map(([at, count]) => [at, (count ?? 0) / found.step_s]) }
}

/** Counts of all the figures together, a minute. */
export function perMinute(found: Statistics, figures: readonly Figure[], name: string): Series {
  const lines = figures.map((figure) => lineOf(found, figure, name).points)
  const points = (lines[0] ?? []).map(([at], index): [number, number] => {
    const sum = lines.reduce((total, line) => total + (line[index]?.[1] ?? 0), 0)
    return [at, (sum * 60) / found.step_s]
  })
  return { name, points }
}

/** Tokens of an answered call; no point where there was none. */
export function mean(found: Statistics, figure: Figure, name: string): Series {
  const answered = new Map(lineOf(found, 'succeeded', '').points)
  const points = lineOf(found, figure, name).points.flatMap(([at, sum]): [number, number][] => {
    const calls = answered.get(at) ?? 0
    return calls === 0 ? [] : [[at, (sum ?? 0) / calls]]
  })
  return { name, points }
}

function slot(time: string, stepMs: number): number {
  return Math.floor(Date.parse(time) / stepMs)
}
