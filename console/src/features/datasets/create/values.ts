import type { Schema } from '@/api/types'
import { toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { KINDS, type Kind, type LabelFormat } from '../kinds'

export interface Values {
  kind: Kind
  place: 'upload' | 'storage'
  address: string
  label_format: LabelFormat
  has_header: boolean
  own_columns: boolean
  columns: Schema<'ColumnForm'>[]
  name: string
  description: string
  labels: string[]
  tags: KeyValue[]
  output_address: string
  preview: boolean
}

export const FIRST: Values = {
  kind: 'llm',
  place: 'upload',
  address: '',
  label_format: 'none',
  has_header: true,
  own_columns: false,
  columns: [],
  name: '',
  description: '',
  labels: [],
  tags: [],
  output_address: '',
  preview: true,
}

/** Large-model datasets are labelled in place; all others say where labels go. */
export function hasOutput(kind: Kind): boolean {
  return kind !== 'llm' && kind !== 'mllm'
}

/** Whether one address is the other, or lies inside it. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((address) => `${address.trim().replace(/\/+$/, '')}/`)
  return a !== undefined && b !== undefined && (a.startsWith(b) || b.startsWith(a))
}

/** What the form says, as the API asks for it: choices that belong to other kinds are left out. */
export function toForm(values: Values): Schema<'DatasetForm'> {
  const { kind, label_format: format, has_header, own_columns, columns } = values
  const formats = KINDS[kind].labelFormats
  const named = own_columns || !has_header
  return {
    name: values.name,
    kind,
    address: values.address.trim(),
    label_format: formats.includes(format) ? format : 'none',
    description: values.description,
    labels: values.labels,
    tags: toRecord(values.tags),
    output_address: hasOutput(kind) ? values.output_address.trim() || null : null,
    preview: values.preview,
    table: { has_header, columns: kind === 'table' && named ? columns : [] },
  }
}
