import type { Series } from '@/ui/charts/types'
import type { Sample } from './queries'

/** `t` is Unix seconds; what a sample lacks leaves a gap. */
export function figureLine(samples: readonly Sample[], figure: string, name: string): Series {
  return { name, points: samples.flatMap((one) => point(one, one[figure])) }
}

/** One line a card, as the samples name them. */
export function cardLines(
  samples: readonly Sample[],
  figure: string,
  nameOf: (card: number) => string,
): Series[] {
  const lines = new Map<number, [number, number][]>()
  for (const sample of samples) {
    for (const card of cardsIn(sample)) {
      const index = typeof card.index === 'number' ? card.index : 0
      lines.set(index, [...(lines.get(index) ?? []), ...point(sample, card[figure])])
    }
  }
  return [...lines].map(([index, points]) => ({ name: nameOf(index), points }))
}

function cardsIn({ gpus }: Sample): Record<string, unknown>[] {
  return Array.isArray(gpus) ? (gpus as Record<string, unknown>[]) : []
}

function point({ t }: Sample, value: unknown): [number, number][] {
  return typeof t === 'number' && typeof value === 'number' ? [[t * 1000, value]] : []
}
