import type { Series } from '@/ui/charts/types'
import type { Report, Share } from './queries'

const FIGURES = [
  'calls',
  'failed',
  'prompt_tokens',
  'completion_tokens',
  'tokens',
  'images',
  'cost',
] as const

export type Figure = (typeof FIGURES)[number]
export type ModelSums = Pick<Share, Figure | 'model'>

/** The shares of each model together, most called first. */
export function byModel(shares: readonly Share[]): ModelSums[] {
  const found = new Map<string, ModelSums>()
  for (const share of shares) {
    const sums = found.get(share.model)
    if (sums === undefined) {
      found.set(share.model, { ...share })
      continue
    }
    for (const figure of FIGURES) sums[figure] += share[figure]
  }
  return [...found.values()].toSorted((a, b) => b.calls - a.calls)
}

/** A figure over the range; steps without a call are left out by the API and are 0 here. */
export function lineOf(report: Report, figure: Figure, name: string): Series {
  const stepMs = report.step_s * 1000
  const slot = (time: string) => Math.floor(Date.parse(time) / stepMs)
  const known = new Map(report.points.map((point) => [slot(point.time), point[figure]]))
  const first = slot(report.start)
  const last = Math.floor((Date.parse(report.end) - 1) / stepMs)
  const points: [number, number][] = []
  for (let at = first; at <= last; at += 1) points.push([at * stepMs, known.get(at) ?? 0])
  return { name, points }
}
