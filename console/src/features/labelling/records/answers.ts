import type { Component } from '../queries'

/** Answers by key. In an item of a list, FROM is the number of the record's item that it comes from. */
export type Answer = string | number | null | string[] | Answers[]
// A record type cannot name itself.
// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style
export interface Answers {
  [key: string]: Answer
}

export const FROM = ''

const VIEWERS = new Set([
  'TextViewer',
  'ImageViewer',
  'ImageListViewer',
  'AudioViewer',
  'VideoViewer',
])

export function isViewer({ type }: Component): boolean {
  return VIEWERS.has(type)
}

/** What a form starts with: what was answered before, and what the record says for the rest. */
export function startAnswers(components: readonly Component[], given: Answers): Answers {
  const answers: Answers = {}
  for (const component of components) {
    if (isViewer(component)) continue
    const before = given[component.key]
    answers[component.key] = before ?? fromRecord(component)
  }
  return answers
}

function fromRecord(component: Component): Answer {
  if (component.type === 'List') {
    return (component.items ?? []).map((item, at) => ({ ...startAnswers(item, {}), [FROM]: at }))
  }
  if (component.type === 'NumberInput') {
    const text = typeof component.value === 'string' ? component.value.trim() : ''
    return text === '' || Number.isNaN(Number(text)) ? null : Number(text)
  }
  if (isMany(component)) return Array.isArray(component.value) ? component.value : []
  return typeof component.value === 'string' ? component.value : ''
}

export function isMany({ type, option }: Component): boolean {
  return type === 'ImageListInput' || (type === 'StringSelector' && option === 'MultiSelector')
}

export function emptyItem(form: readonly Component[]): Answers {
  return startAnswers(form, {})
}

/** The components of an item: those it came with, else the form of a new one. */
export function itemComponents(list: Component, item: Answers): readonly Component[] {
  const from = item[FROM]
  const known = typeof from === 'number' ? list.items?.[from] : undefined
  return known ?? list.form
}

export function movedItem<Item>(items: readonly Item[], at: number, by: number): Item[] {
  const to = at + by
  if (to < 0 || to >= items.length) return [...items]
  const next = [...items]
  const [item] = next.splice(at, 1)
  if (item !== undefined) next.splice(to, 0, item)
  return next
}
