import type { Schema } from '@/api/types'
import { parsePairs, toRecord, type KeyValue } from '@/ui/KeyValueEditor'

export interface Values {
  origin: 'task' | 'storage'
  task_id: string | undefined
  source: string
  move: boolean
  format: string
  environment: string | undefined
  target: 'new' | 'version'
  name: string
  model_id: string | undefined
  metrics: string
  save_root: string
  description: string
  tags: KeyValue[]
}

export const FIRST: Values = {
  origin: 'task',
  task_id: undefined,
  source: '',
  move: false,
  format: 'PyTorch',
  environment: undefined,
  target: 'new',
  name: '',
  model_id: undefined,
  metrics: '',
  save_root: '',
  description: '',
  tags: [],
}

/** `accuracy=0.93` lines are figures; anything else is kept as text. */
export function readMetrics(words: string): Record<string, number> | string | null {
  const lines = words.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return null
  const pairs = parsePairs(lines.join('\n'))
  const figures = pairs.map(({ key, value }) => [key, Number(value)] as const)
  const clear = pairs.every(({ value }) => value !== '' && Number.isFinite(Number(value)))
  return clear && pairs.length === lines.length ? Object.fromEntries(figures) : words.trim()
}

function targetOf({ target, name, model_id }: Values) {
  return target === 'new' ? { name: name.trim() } : { model_id: model_id ?? null }
}

export function toPublishForm(values: Values): Schema<'PublishForm'> {
  return { ...targetOf(values), format: values.format, tags: toRecord(values.tags) }
}

export function toImportForm(values: Values): Schema<'ImportForm'> {
  const { source, format, environment, description, move, save_root: root } = values
  const address = source.trim()
  return {
    ...targetOf(values),
    source: address.endsWith('/') ? address : `${address}/`,
    format,
    environment: environment ?? null,
    metrics: readMetrics(values.metrics),
    description: values.target === 'new' ? description : '',
    tags: toRecord(values.tags),
    move,
    ...(root.trim() === '' ? {} : { save_root: root.trim() }),
  }
}
