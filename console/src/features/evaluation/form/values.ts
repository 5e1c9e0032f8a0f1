import type { Schema } from '@/api/types'
import { fromRecord, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { METRICS, type EvaluationForm, type Metric } from '../queries'

// The API has several forms of this name: the one of an evaluation is found through its form.
type ModelForm = EvaluationForm['models'][number]
type SetForm = EvaluationForm['sets'][number]

/** Parameters are written as JSON; everything else is as the API takes it. */
export interface ModelValues extends Omit<ModelForm, 'params'> {
  params: string
}

export type SetValues = SetForm

export interface Values {
  name: string
  description: string
  tags: KeyValue[]
  models: ModelValues[]
  sets: SetValues[]
  metrics: Metric[]
  tokenizer: Schema<'TokenizerName'>
  seed: number | null
  cpu_cores: number
  memory_bytes: number
  gpus: number
  gpu_model: string | null
  resource_group: string
}

export const USUAL = { cpu_cores: 1, memory_bytes: 2 * 2 ** 30 }

export function freshModel(): ModelValues {
  return {
    kind: 'service',
    name: '',
    ref: '',
    base_url: '',
    model: '',
    api_key: null,
    base_ref: '',
    params: '{}',
    max_model_len: 8192,
    concurrency: 24,
    retries: 0,
    timeout_s: 600,
    task_id: '',
    task_name: '',
  }
}

export function freshSet(): SetValues {
  return { kind: 'dataset', ref: '', name: '', version: null, format: 'auto', limit: null }
}

export function freshValues(): Values {
  return {
    name: '',
    description: '',
    tags: [],
    models: [freshModel()],
    sets: [freshSet()],
    metrics: [...METRICS],
    tokenizer: 'auto',
    seed: 42,
    ...USUAL,
    gpus: 0,
    gpu_model: null,
    resource_group: 'rsg-local',
  }
}

/** The specification of an evaluation again; keys are not in it, and names are made anew. */
export function copiedValues(spec: Record<string, unknown>, name: string): Values {
  const old = spec as unknown as EvaluationForm
  return {
    ...freshValues(),
    name: `${name.slice(0, 250)}-copy`,
    description: old.description,
    tags: fromRecord(old.tags),
    models: old.models.map((model) => ({
      ...freshModel(),
      ...model,
      params: JSON.stringify(model.params),
    })),
    sets: old.sets.map(({ kind, ref, name: label, version, format, system, template, limit }) => ({
      ...freshSet(),
      ...{ kind, ref, name: label, version, format, system, template, limit },
    })),
    metrics: old.metrics,
    tokenizer: old.tokenizer,
    seed: old.seed ?? null,
    cpu_cores: old.cpu_cores,
    memory_bytes: old.memory_bytes,
    gpus: old.gpus,
    gpu_model: old.gpu_model ?? null,
    resource_group: old.resource_group,
  }
}

export function evaluationForm(values: Values): EvaluationForm {
  return {
    ...values,
    name: values.name.trim(),
    tags: toRecord(values.tags),
    models: values.models.map(modelForm),
    sets: values.sets.map(setForm),
    gpu_model: values.gpus > 0 ? (values.gpu_model ?? null) : null,
  }
}

function modelForm({ params, ...model }: ModelValues): ModelForm {
  const elsewhere = model.kind === 'third_party'
  return {
    ...model,
    ref: elsewhere ? '' : model.ref.trim(),
    base_url: elsewhere ? model.base_url.trim() : '',
    model: elsewhere ? model.model.trim() : '',
    api_key: elsewhere && model.api_key ? model.api_key : null,
    task_id: model.kind === 'storage' ? model.task_id : '',
    params: parameters(params) ?? {},
  }
}

function setForm(set: SetValues): SetForm {
  return {
    ...set,
    ref: set.ref.trim(),
    version: set.kind === 'dataset' ? set.version : null,
    system: set.system?.trim() ? set.system : null,
    template: set.template?.trim() ? set.template : null,
  }
}

/** A JSON object, or null where it is none. Nothing written is an empty one. */
export function parameters(written: string): Record<string, unknown> | null {
  if (written.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(written)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
