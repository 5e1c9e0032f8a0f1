import type { Series } from '@/ui/charts/types'
import type { Statistics } from './queries'

type Point = Statistics['items'][number]
type Figure = Exclude<keyof Point, 'time'>

/** Steps without a call are left out by the API; a count is 0 there, a latency is unknown. */
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
  const missing = COUNTED.has(figure) ? 0 : null
  const points: [number, number | null][] = []
  for (let at = first; at <= last; at += 1) {
    points.push([at * stepMs, known.get(at) ?? missing])
  }
  return { name, points }
}

function slot(time: string, stepMs: number): number {
  return Math.floor(Date.parse(time) / stepMs)
}
