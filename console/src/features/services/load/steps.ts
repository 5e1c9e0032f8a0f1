import type { Series } from '@/ui/charts/types'
import type { LoadStep } from './queries'

/** "1, 2 4" as numbers of callers; null where it is none. */
export function parseSteps(written: string): number[] | null {
  const words = written.split(/[\s,，、]+/).filter((word) => word !== '')
  const numbers = words.map(Number)
  const good = numbers.every((one) => Number.isInteger(one) && one >= 1 && one <= 512)
  return good && numbers.length >= 1 && numbers.length <= 12 ? numbers : null
}

type Figure = {
  [Key in keyof LoadStep]-?: NonNullable<LoadStep[Key]> extends number ? Key : never
}[keyof LoadStep]

/** A figure over the number of callers, from few to many. */
export function curve(steps: readonly LoadStep[], figure: Figure, name: string): Series {
  const points = steps
    .map((step) => [step.concurrency, step[figure] ?? null] as const)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => a - b)
  return { name, points }
}

/** The step with the most answers a second. */
export function bestStep(steps: readonly LoadStep[]): LoadStep | undefined {
  return steps.reduce<LoadStep | undefined>(
    (best, step) => (best === undefined || step.rps > best.rps ? step : best),
    undefined,
  )
}
