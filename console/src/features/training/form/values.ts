import { fromRecord, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { parseJson } from '@/ui/JsonEditor'
import type { TaskDetail, TaskForm, Template } from '../queries'

export const OWN_CODE = ''
export const NAME_MAX = 60
/** A letter or digit first, of any script as the platform's rule has it: Latin or Chinese. */
export const NAME_RULE = /^[A-Za-z0-9\u3400-\u9fff][A-Za-z0-9_\u3400-\u9fff-]*$/

export type MountKind = 'dataset' | 'model' | 'storage' | 'git' | 'path'
export type Purpose =
  'own_model' | 'built_in_model' | 'code' | 'own_data' | 'training_data' | 'other'

export interface MountRow {
  kind: MountKind
  source: string
  version: string | null
  purpose: Purpose
  target: string
  read_only: boolean
}

/** One role in the modes that ask by role. */
export interface RoleRow {
  name: string
  count: number
  cpu_cores: number
  memory_bytes: number
  gpus: number
  gpu_model: string | null
  command: string
}

export type RoleMode = 'ps' | 'ray'
export const MAX_RAY_GROUPS = 5

export function isByRole(mode: string | undefined): mode is RoleMode {
  return mode === 'ps' || mode === 'ray'
}

/** What the form holds: the API's names, in the shapes that its fields edit. */
export interface Values {
  template: string
  name: string
  description: string
  tags: KeyValue[]
  environment: string
  mode: string
  resource_group: string
  instances: number
  cpu_cores: number
  memory_bytes: number
  gpus: number
  gpu_model: string | null
  /** Of the group, by name; empty: the amounts above are the form's own. */
  flavour: string
  command: string
  hyperparameters: string
  env: KeyValue[]
  mounts: MountRow[]
  output: string
  roles: RoleRow[]
  max_restarts: number
  deliver_logs: boolean
  max_reschedules: number
  health_check_s: number | null
  grace_s: number
  hang_s: number | null
  max_run_s: number | null
  max_queue_s: number | null
  /** Tasks that must have completed first. */
  after: string[]
}

export const GIB = 2 ** 30
/** Of one instance. */
export const USUAL = { cpu_cores: 1, memory_bytes: 2 * GIB }

export const EMPTY: Values = {
  template: OWN_CODE,
  name: '',
  description: '',
  tags: [],
  environment: 'python',
  mode: 'single',
  resource_group: 'rsg-local',
  instances: 1,
  cpu_cores: 1,
  memory_bytes: 2 * GIB,
  gpus: 0,
  gpu_model: null,
  flavour: '',
  command: '',
  hyperparameters: '{}',
  env: [],
  mounts: [],
  output: '',
  roles: [],
  max_restarts: 0,
  deliver_logs: false,
  max_reschedules: 0,
  health_check_s: null,
  grace_s: 30,
  hang_s: null,
  max_run_s: null,
  max_queue_s: null,
  after: [],
}

/** Which fields each step of the form holds. */
export const TASK_STEPS = {
  basics: [
    'template',
    'name',
    'description',
    'tags',
    'environment',
    'mode',
    'resource_group',
    'instances',
    'cpu_cores',
    'memory_bytes',
    'gpus',
    'gpu_model',
    'roles',
  ],
  configuration: [
    'mounts',
    'command',
    'hyperparameters',
    'env',
    'output',
    'deliver_logs',
    'health_check_s',
    'max_restarts',
    'max_reschedules',
    'grace_s',
    'hang_s',
    'max_run_s',
    'max_queue_s',
    'after',
  ],
} as const

const ROLE: RoleRow = {
  name: '',
  count: 1,
  cpu_cores: 1,
  memory_bytes: 2 * GIB,
  gpus: 0,
  gpu_model: null,
  command: '',
}

/** The roles that a mode begins with; both modes need two at least. */
export function startRoles(mode: RoleMode): RoleRow[] {
  const names = mode === 'ps' ? ['ps', 'worker'] : ['head', 'workers']
  return names.map((name) => ({ ...ROLE, name }))
}

/** Another group of Ray workers, under a free name. */
export function nextGroup(rows: readonly RoleRow[]): RoleRow {
  const taken = new Set(rows.map(({ name }) => name))
  let number = 2
  while (taken.has(`workers-${number}`)) number += 1
  return { ...ROLE, name: `workers-${number}` }
}

export function instanceCount(values: Pick<Values, 'mode' | 'instances' | 'roles'>): number {
  if (isByRole(values.mode)) return values.roles.reduce((sum, { count }) => sum + count, 0)
  return values.mode === 'single' ? 1 : values.instances
}

export function emptyMount(kind: MountKind, purpose: Purpose): MountRow {
  return { kind, source: '', version: null, purpose, target: '', read_only: true }
}

/** What choosing a template fills in; everything stays editable. */
export function templateValues(template: Template, mounts: readonly MountRow[]): Partial<Values> {
  const chosen = mounts.some(({ source }) => source !== '')
  return {
    environment: 'llm',
    mode: 'single',
    instances: 1,
    cpu_cores: 2,
    memory_bytes: 4 * GIB,
    command: template.command,
    hyperparameters: JSON.stringify(template.hyperparameters, null, 2),
    ...(chosen ? {} : { mounts: templateMounts(template) }),
  }
}

/** A template reads its data and, unless it starts from nothing, the weights it tunes. */
function templateMounts({ hyperparameters }: Template): MountRow[] {
  const data = emptyMount('dataset', 'training_data')
  return hyperparameters.FromScratch == null ? [data, emptyMount('model', 'own_model')] : [data]
}

/** The configuration of a task, to be changed and submitted as another (its name is free again). */
export function copiedValues({ spec }: Pick<TaskDetail, 'spec'>): Values {
  const form = { ...spec } as Partial<TaskForm>
  return {
    ...EMPTY,
    template: form.template ?? OWN_CODE,
    name: copyName(form.name ?? ''),
    description: form.description ?? '',
    tags: fromRecord(form.tags ?? {}),
    environment: form.environment ?? EMPTY.environment,
    mode: form.mode ?? EMPTY.mode,
    resource_group: form.resource_group ?? EMPTY.resource_group,
    instances: form.instances ?? EMPTY.instances,
    cpu_cores: form.cpu_cores ?? EMPTY.cpu_cores,
    memory_bytes: form.memory_bytes ?? EMPTY.memory_bytes,
    gpus: form.gpus ?? EMPTY.gpus,
    gpu_model: form.gpu_model ?? null,
    flavour: form.flavour ?? '',
    command: form.command ?? '',
    hyperparameters: JSON.stringify(form.hyperparameters ?? {}, null, 2),
    env: fromRecord(form.env ?? {}),
    mounts: (form.mounts ?? []).map(mountRow),
    output: form.output ?? '',
    roles: (form.roles ?? []).map(roleRow),
    max_restarts: form.max_restarts ?? 0,
    deliver_logs: form.deliver_logs ?? false,
    max_reschedules: form.max_reschedules ?? 0,
    health_check_s: form.health_check_s ?? null,
    grace_s: form.grace_s ?? EMPTY.grace_s,
    hang_s: form.hang_s ?? null,
    max_run_s: form.max_run_s ?? null,
    max_queue_s: form.max_queue_s ?? null,
    after: form.after ?? [],
  }
}

function roleRow(role: NonNullable<TaskForm['roles']>[number]): RoleRow {
  return {
    name: role.name,
    count: role.count,
    cpu_cores: role.cpu_cores,
    memory_bytes: role.memory_bytes,
    gpus: role.gpus,
    gpu_model: role.gpu_model ?? null,
    command: role.command,
  }
}

function mountRow(mount: NonNullable<TaskForm['mounts']>[number]): MountRow {
  return {
    kind: mount.kind,
    source: mount.source,
    version: mount.version ?? null,
    purpose: mount.purpose,
    target: mount.target,
    read_only: mount.read_only,
  }
}

/** `name-2`, or one more than the number it already ends in. */
export function copyName(name: string): string {
  const [, stem = name, number] = /^(.*?)-(\d{1,3})$/.exec(name) ?? []
  const end = `-${number === undefined ? 2 : Number(number) + 1}`
  return stem.slice(0, NAME_MAX - end.length) + end
}

export function toForm(values: Values): TaskForm {
  return {
    name: values.name.trim(),
    description: values.description.trim(),
    tags: toRecord(values.tags),
    environment: values.environment,
    mode: values.mode,
    resource_group: values.resource_group,
    instances: values.mode === 'single' ? 1 : values.instances,
    ...amountsOf(values),
    command: values.command,
    hyperparameters: (parseJson(values.hyperparameters).parsed ?? {}) as Record<string, unknown>,
    env: toRecord(values.env),
    mounts: values.mounts.map((mount) => ({ ...mount, target: mount.target.trim() })),
    output: values.output.trim() === '' ? null : values.output.trim(),
    roles: isByRole(values.mode) ? values.roles.map(roleForm) : [],
    max_restarts: values.max_restarts,
    deliver_logs: values.deliver_logs,
    max_reschedules: values.max_reschedules,
    health_check_s: values.health_check_s,
    grace_s: values.grace_s,
    hang_s: values.hang_s,
    max_run_s: values.max_run_s,
    max_queue_s: values.max_queue_s,
    after: values.after,
    template: values.template === OWN_CODE ? null : values.template,
  }
}

type AmountFields = Pick<TaskForm, 'flavour' | 'cpu_cores' | 'memory_bytes' | 'gpus' | 'gpu_model'>

/** A flavour brings its own amounts, as they are when the task is submitted. */
function amountsOf(values: Values): AmountFields {
  if (values.flavour !== '' && !isByRole(values.mode)) {
    return { flavour: values.flavour } as AmountFields // the platform fills in the others
  }
  const { cpu_cores, memory_bytes, gpus, gpu_model } = values
  return { cpu_cores, memory_bytes, gpus, gpu_model: gpus > 0 ? gpu_model : null }
}

function roleForm(role: RoleRow): RoleRow {
  return { ...role, name: role.name.trim(), gpu_model: role.gpus > 0 ? role.gpu_model : null }
}

/** Where a mount appears if no path is written; the platform decides likewise. */
export function defaultTarget({ purpose }: MountRow, position: number): string {
  switch (purpose) {
    case 'code':
      return '/opt/ml/code'
    case 'training_data':
    case 'own_data':
      return '/opt/ml/input/data'
    case 'own_model':
    case 'built_in_model':
      return '/opt/ml/input/model'
    case 'other':
      return `/opt/ml/mount/${position}`
  }
}

export type MountProblem =
  | { kind: 'source'; row: number }
  | { kind: 'target'; row: number }
  | { kind: 'doubled'; row: number; target: string }

/** The first thing wrong with the mounts, or null. */
export function mountProblem(mounts: readonly MountRow[]): MountProblem | null {
  const seen = new Set<string>()
  for (const [at, mount] of mounts.entries()) {
    const row = at + 1
    if (mount.source.trim() === '') return { kind: 'source', row }
    const written = mount.target.trim()
    if (written !== '' && !written.startsWith('/')) return { kind: 'target', row }
    const target = written.replace(/\/+$/, '') || defaultTarget(mount, at)
    if (seen.has(target)) return { kind: 'doubled', row, target }
    seen.add(target)
  }
  return null
}

export function isJsonObject(parsed: unknown): boolean {
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
}
