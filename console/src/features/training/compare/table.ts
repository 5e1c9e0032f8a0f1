import type { Series } from '@/ui/charts/types'
import { linesOf, type CurveLook } from '../curves'
import type { ComparedRun, Comparison } from './queries'

export interface ComparedRow {
  name: string
  /** One a run; null where the run has none. */
  values: (string | null)[]
  differs: boolean
}

/** Parameters by name, those that differ first. */
export function parameterRows({ runs, differing }: Comparison, only: boolean): ComparedRow[] {
  const names = new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))
  const different = new Set(differing)
  return [...names]
    .filter((name) => !only || different.has(name))
    .sort((a, b) => Number(different.has(b)) - Number(different.has(a)) || a.localeCompare(b))
    .map((name) => ({
      name,
      values: runs.map(({ parameters }) => parameters[name] ?? null),
      differs: different.has(name),
    }))
}

export function metricNames(runs: readonly ComparedRun[]): string[] {
  const names = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))
  const rank = (name: string) => (/loss/i.test(name) ? 0 : 1)
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

/** The curves of one metric, one a run; with several instances the first that reported it. */
export function overlaid(
  runs: readonly ComparedRun[],
  names: readonly string[],
  metric: string,
  look: CurveLook,
): Series[] {
  return runs.flatMap((run, at) => {
    const curve = run.series.find(({ name }) => name === metric)
    if (curve === undefined) return []
    const label = names[at] ?? run.name
    return linesOf(
      { name: label, curves: [curve] },
      look,
      () => label,
      (raw) => `${raw} ·`,
    )
  })
}

/** Names that tell runs apart, also where two are called the same. */
export function runNames(runs: readonly ComparedRun[]): string[] {
  return runs.map(({ id, name }) =>
    runs.some((other) => other.id !== id && other.name === name)
      ? `${name} (${id.slice(-4)})`
      : name,
  )
}
