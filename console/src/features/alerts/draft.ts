import type { Condition, EventService, Rule } from './queries'

export type Mode = 'form' | 'pattern'

/** The rule as it is being written: both modes are kept, so that switching loses nothing. */
export interface Draft {
  name: string
  description: string
  targets: string[]
  mode: Mode
  service: string
  types: string[]
  subjects: string[]
  creator: string
  tags: string[][]
  pattern: string
}

export function draftOf(rule: Rule | null, services: readonly EventService[]): Draft {
  const first = services[0]
  return {
    name: rule?.name ?? '',
    description: rule?.description ?? '',
    targets: rule?.targets ?? [],
    mode: rule?.mode ?? 'form',
    pattern: rule?.pattern ?? JSON.stringify({ source: first?.source ?? '' }, null, 2),
    ...fieldsOf(rule?.form ?? { service: first?.key ?? '' }),
  }
}

type Fields = Pick<Draft, 'service' | 'types' | 'subjects' | 'creator' | 'tags'>

/** The fields of a condition, as the form keeps them. */
export function fieldsOf(form: Partial<Condition>): Fields {
  return {
    service: form.service ?? '',
    types: form.types ?? [],
    subjects: form.subjects ?? [],
    creator: form.creator ?? '',
    tags: form.tags ?? [],
  }
}

/** What the API takes as the condition; rows of tags that are still empty are left out. */
export function conditionOf(draft: Draft): { form: Condition } | { pattern: string } {
  if (draft.mode === 'pattern') return { pattern: draft.pattern }
  const { service, types, subjects, creator, tags } = draft
  return {
    form: { service, types, subjects, creator, tags: tags.filter((row) => row.length > 0) },
  }
}
