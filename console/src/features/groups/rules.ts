import type { Rules } from './queries'

/** Rules that are numbers, in the order in which forms and summaries show them. */
export const COUNTS = ['rpm', 'tpm', 'tpd', 'ipm', 'concurrency', 'tokens_month'] as const
export const COSTS = ['cost_day', 'cost_month'] as const

/** What the form holds: money as the person typed it, lists as lists. */
export interface RuleValues extends Partial<Record<(typeof COUNTS)[number], number | null>> {
  cost_day?: string | null
  cost_month?: string | null
  expires_at?: string | null
  addresses?: string[]
  models?: string[]
}

/** An emptied field holds '' or undefined. */
function given(words: string | null | undefined): string | null {
  return words === undefined || words === '' ? null : words
}

/** Empty fields and empty lists are no rule. */
export function toRules(values: RuleValues) {
  const { cost_day, cost_month, expires_at, addresses, models, ...counts } = values
  return {
    ...counts,
    cost_day: given(cost_day),
    cost_month: given(cost_month),
    expires_at: given(expires_at),
    addresses: addresses?.length ? addresses : null,
    models: models?.length ? models : null,
  }
}

export function fromRules(rules: Rules | undefined): RuleValues {
  return {
    ...rules,
    addresses: rules?.addresses ?? [],
    models: rules?.models ?? [],
  }
}

/** The rules that are set, each as [name, what is shown]. */
export function setRules(rules: Rules): [keyof Rules, string][] {
  const names = [...COUNTS, ...COSTS, 'expires_at', 'addresses', 'models'] as const
  return names.flatMap((name) => {
    const value = rules[name]
    if (value == null) return []
    return [[name, Array.isArray(value) ? value.join(', ') : String(value)]]
  })
}
