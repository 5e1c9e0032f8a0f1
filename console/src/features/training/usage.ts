import type { Series } from '@/ui/charts/types'
import type { Sample } from './queries'

/** The samples of one instance, under its short name. */
export interface Sampled {
  name: string
  samples: readonly Sample[]
}

export type Figure = 'cpu_pct' | 'mem_bytes' | 'mem_pct' | 'processes'
export type Rate = 'read_bytes' | 'write_bytes' | 'rdma_received_bytes' | 'rdma_sent_bytes'
export type GpuFigure = 'util_pct' | 'mem_bytes' | 'mem_pct'

export function figureLines(of: readonly Sampled[], figure: Figure): Series[] {
  return of.map(({ name, samples }) => ({
    name,
    points: samples.flatMap((sample) => point(sample, sample[figure])),
  }))
}

/** Bytes a second between neighbouring samples of a counter that only grows. */
export function rateLines(of: readonly Sampled[], counter: Rate): Series[] {
  return of.map(({ name, samples }) => ({
    name,
    points: samples.slice(1).flatMap((sample, at) => {
      const before = samples[at]
      const seconds = (numberOf(sample.t) ?? 0) - (numberOf(before?.t) ?? 0)
      const now = numberOf(sample[counter])
      const then = numberOf(before?.[counter])
      if (now === null || then === null || seconds <= 0) return []
      return point(sample, Math.max(now - then, 0) / seconds)
    }),
  }))
}

/** One line a card. */
export function gpuLines(
  of: readonly Sampled[],
  figure: GpuFigure,
  cardName: (instance: string, card: number) => string,
): Series[] {
  const lines = new Map<string, (readonly [number, number])[]>()
  for (const { name, samples } of of) {
    for (const sample of samples) {
      for (const card of cardsIn(sample)) {
        const label = cardName(name, numberOf(card.index) ?? 0)
        lines.set(label, [...(lines.get(label) ?? []), ...point(sample, card[figure])])
      }
    }
  }
  return [...lines].map(([name, points]) => ({ name, points }))
}

export function hasGpus(of: readonly Sampled[]): boolean {
  return of.some(({ samples }) => samples.some((sample) => cardsIn(sample).length > 0))
}

export function hasFigure(of: readonly Sampled[], figure: Figure | Rate): boolean {
  return of.some(({ samples }) => samples.some((sample) => numberOf(sample[figure]) !== null))
}

function cardsIn({ gpus }: Sample): Record<string, unknown>[] {
  return Array.isArray(gpus) ? (gpus as Record<string, unknown>[]) : []
}

function point(sample: Sample, value: unknown): (readonly [number, number])[] {
  const seconds = numberOf(sample.t)
  const y = numberOf(value)
  return seconds === null || y === null ? [] : [[seconds * 1000, y]]
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** Bytes in the unit of the largest, so that the marks of an axis are round numbers. */
export function inUnit(lines: readonly Series[]): { lines: Series[]; unit: string } {
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y ?? 0))
  const largest = values.reduce((best, value) => Math.max(best, value), 0)
  const step = largest < 1024 ? 0 : Math.min(Math.floor(Math.log2(largest) / 10), UNITS.length - 1)
  const scaled = lines.map((line) => ({
    ...line,
    points: line.points.map(([x, y]) => [x, y === null ? null : y / 1024 ** step] as const),
  }))
  return { lines: scaled, unit: UNITS[step] ?? 'B' }
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
