import { fromRecord, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import type { Runtime, ServiceForm, Source, Version, VersionForm } from '../queries'
import type { Schema } from '@/api/types'
import { stopAtForm } from '../StopAtField'
import { freshScaling, scalingForm, scalingValues, type ScalingValues } from '../scaling/values'

export type LimitKind = 'none' | 'qps' | 'concurrency'
type Limit = Schema<'RequestLimitForm'>
type Probe = Schema<'ProbeForm'>
type Config = Version['config']
export type Update = Schema<'ServiceUpdateForm'>

export const GIB = 2 ** 30
/** Of one instance. */
export const USUAL = { cpu_cores: 1, memory_bytes: 2 * GIB }
type Placement = Schema<'Placement'>
export type Engine = Schema<'EngineName'>
export const PROBES = ['readiness', 'liveness', 'startup'] as const

export interface ProbeValues extends Probe {
  on: boolean
}

/** What the form holds. Names are the API's where a field has one, so that refusals find theirs. */
export interface Values {
  name: string
  description: string
  tags: KeyValue[]
  runtime: Runtime
  model: Source
  base: Source
  engine: Engine
  served_name: string
  max_model_len: number | null
  command: string
  env: KeyValue[]
  resource_group: string
  mode: DeploymentMode
  instances: number
  roles: RoleValues[]
  /** Which of the roles gets the requests. */
  entry: number
  stop_at: string
  cpu_cores: number
  memory_bytes: number
  gpus: number
  gpu_model: string | null
  priority: number | null
  placement: Placement
  environment: string
  replicas: number
  scaling: ScalingValues
  auth: boolean
  grpc: boolean
  limitKind: LimitKind
  limitValue: number | null
  max_surge: string
  max_unavailable: string
  grace_s: number
  start_timeout_s: number
  port: number
  retries: number | null
  deliver_logs: boolean
  pre_stop: string[]
  probes: Record<(typeof PROBES)[number], ProbeValues>
}

const NO_SOURCE: Source = { kind: 'none', ref: '' }

const PLAIN_PROBE: ProbeValues = {
  on: false,
  action: 'HTTPGet',
  path: '/',
  initial_delay_s: 0,
  period_s: 10,
  timeout_s: 1,
  failure_threshold: 3,
  success_threshold: 1,
}

export type DeploymentMode = Schema<'DeploymentMode'>
type Role = Config['roles'][number]

export interface RoleValues extends Pick<
  Role,
  'name' | 'instances' | 'cpu_cores' | 'gpus' | 'command'
> {
  env: KeyValue[]
  memory_gib: number
}

export const NEW_ROLE: RoleValues = {
  name: '',
  instances: 1,
  cpu_cores: 1,
  memory_gib: 1,
  gpus: 0,
  command: '',
  env: [],
}

export function freshValues(): Values {
  return {
    name: '',
    description: '',
    tags: [],
    runtime: 'llm',
    model: { kind: 'registry', ref: '' },
    base: NO_SOURCE,
    engine: 'auto',
    served_name: '',
    max_model_len: null,
    command: '',
    env: [],
    resource_group: 'rsg-local',
    mode: 'STANDARD',
    instances: 1,
    roles: [NEW_ROLE],
    entry: 0,
    stop_at: '',
    ...USUAL,
    gpus: 0,
    gpu_model: null,
    priority: null,
    placement: 'binpack',
    environment: '',
    replicas: 1,
    scaling: freshScaling(),
    auth: true,
    grpc: false,
    limitKind: 'none',
    limitValue: null,
    max_surge: '0%',
    max_unavailable: '33%',
    grace_s: 30,
    start_timeout_s: 1800,
    port: 8501,
    retries: 5,
    deliver_logs: false,
    pre_stop: [],
    probes: { readiness: PLAIN_PROBE, liveness: PLAIN_PROBE, startup: PLAIN_PROBE },
  }
}

/** The values of a version, for its update and for the next version of its service. */
export function valuesOf({ config, description, replicas, scaling }: Version): Values {
  return {
    ...freshValues(),
    description,
    replicas: Math.max(replicas, 1),
    scaling: scalingValues(scaling),
    runtime: config.runtime,
    model: config.model,
    base: config.base,
    engine: config.engine,
    served_name: config.served_name,
    max_model_len: config.max_model_len ?? null,
    command: config.command,
    env: fromRecord(config.env),
    mode: modeOf(config),
    instances: config.instances,
    roles: config.roles.length === 0 ? [NEW_ROLE] : config.roles.map(roleValues),
    entry: Math.max(
      0,
      config.roles.findIndex((role) => role.entry),
    ),
    cpu_cores: config.cpu_cores,
    memory_bytes: config.memory_bytes,
    gpus: config.gpus,
    gpu_model: config.gpu_model ?? null,
    priority: config.priority ?? null,
    placement: config.placement,
    environment: isOwn(config.environment) ? config.environment : '',
    max_surge: String(config.max_surge),
    max_unavailable: String(config.max_unavailable),
    grace_s: config.grace_s,
    start_timeout_s: config.start_timeout_s,
    port: config.port,
    retries: config.retries ?? null,
    deliver_logs: config.deliver_logs,
    pre_stop: config.pre_stop,
    probes: {
      readiness: probeValues(config.probes?.readiness),
      liveness: probeValues(config.probes?.liveness),
      startup: probeValues(config.probes?.startup),
    },
  }
}

/** The project's own environment, not one of the platform's. */
const isOwn = (environment: string) => environment.startsWith('env-')

export function configOf(values: Values): Config {
  const llm = values.runtime === 'llm'
  return {
    runtime: values.runtime,
    model: sourceForm(values.model),
    base: llm ? sourceForm(values.base) : NO_SOURCE,
    environment: values.environment,
    command: values.command.trim(),
    env: toRecord(values.env),
    port: values.port,
    instances: values.mode === 'DIST' ? values.instances : 1,
    roles: values.mode === 'ROLE_SET' ? values.roles.map(roleForm(values.entry)) : [],
    cpu_cores: values.cpu_cores,
    memory_bytes: values.memory_bytes,
    gpus: values.gpus,
    gpu_model: values.gpus > 0 ? (values.gpu_model ?? null) : null,
    priority: values.priority,
    placement: values.placement,
    engine: llm && values.command.trim() === '' ? values.engine : 'auto',
    served_name: llm ? values.served_name.trim() : '',
    max_model_len: llm ? values.max_model_len : null,
    grace_s: values.grace_s,
    pre_stop: values.pre_stop,
    probes: {
      readiness: probeForm(values.probes.readiness),
      liveness: probeForm(values.probes.liveness),
      startup: probeForm(values.probes.startup),
    },
    max_surge: values.max_surge.trim(),
    max_unavailable: values.max_unavailable.trim(),
    retries: values.retries,
    deliver_logs: values.deliver_logs,
    start_timeout_s: values.start_timeout_s,
  }
}

export function serviceForm(values: Values): ServiceForm {
  const { name, description, tags, resource_group, auth, replicas } = values
  return {
    ...configOf(values),
    name: name.trim(),
    description,
    tags: toRecord(tags),
    resource_group,
    mode: values.mode,
    grpc: values.runtime === 'custom' && values.grpc,
    stop_at: stopAtForm(values.stop_at),
    auth,
    limit: limitForm(values),
    replicas,
    scaling: scalingForm(values.scaling),
  }
}

export function versionForm(values: Values): VersionForm {
  return {
    ...configOf(values),
    description: values.description,
    replicas: values.replicas,
    scaling: scalingForm(values.scaling),
  }
}

/** What a version keeps for its life. */
const FIXED = new Set(['runtime'])

/** Only what differs is sent: a changed configuration replaces the instances, a count does not. */
export function updateForm(values: Values, old: Version): Update {
  const before = valuesOf(old)
  const known = configOf(before)
  const changed = Object.entries(configOf(values)).filter(
    ([name, value]) => !FIXED.has(name) && !same(value, known[name as keyof Config]),
  )
  return {
    ...(Object.fromEntries(changed) as Update),
    ...(values.replicas === before.replicas ? {} : { replicas: values.replicas }),
    ...(same(values.scaling, before.scaling) ? {} : { scaling: scalingForm(values.scaling) }),
    ...(values.description === before.description ? {} : { description: values.description }),
  }
}

interface LimitValues {
  limitKind: LimitKind
  limitValue: number | null
}

export function limitForm({ limitKind, limitValue }: LimitValues): Limit {
  return {
    qps_per_replica: limitKind === 'qps' ? limitValue : null,
    concurrency_per_replica: limitKind === 'concurrency' ? limitValue : null,
  }
}

export function limitValues({ qps_per_replica, concurrency_per_replica }: Limit): LimitValues {
  if (qps_per_replica != null) return { limitKind: 'qps', limitValue: qps_per_replica }
  if (concurrency_per_replica != null) {
    return { limitKind: 'concurrency', limitValue: concurrency_per_replica }
  }
  return { limitKind: 'none', limitValue: null }
}

function sourceForm({ kind, ref }: Source): Source {
  return kind === 'none' ? NO_SOURCE : { kind, ref: ref.trim() }
}

/** A version does not say its service's mode; what it has does. */
function modeOf({ roles, instances }: Config): DeploymentMode {
  if (roles.length > 0) return 'ROLE_SET'
  return instances > 1 ? 'DIST' : 'STANDARD'
}

function roleValues(role: Role): RoleValues {
  const { name, instances, cpu_cores, gpus, command } = role
  const memory_gib = role.memory_bytes / GIB
  return { name, instances, cpu_cores, gpus, command, env: fromRecord(role.env), memory_gib }
}

function roleForm(entry: number) {
  return ({ memory_gib, env, ...role }: RoleValues, index: number): Role => ({
    ...role,
    command: role.command.trim(),
    env: toRecord(env),
    memory_bytes: Math.round(memory_gib * GIB),
    entry: index === entry,
    gpu_model: null,
  })
}

function probeValues(probe: Probe | null | undefined): ProbeValues {
  return probe == null ? PLAIN_PROBE : { ...probe, on: true }
}

function probeForm({ on, ...probe }: ProbeValues): Probe | null {
  return on ? probe : null
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null)
}

/** A share of replicas: a percentage or a count, as the rolling policy takes it. */
export function isShare(written: string): boolean {
  const found = /^(\d+)(%?)$/.exec(written.trim())
  return found !== null && (found[2] === '' || Number(found[1]) <= 100)
}

/**
 * The runtime that a model version in the repository asks for. What is no language model is most
 * often a package; one without `model_service.py` is refused by the API with what to do.
 */
export function runtimeFor(version: { environment: string; format: string }): Runtime {
  const words = `${version.environment} ${version.format}`.toLowerCase()
  if (/llm|transformers|hugging|lora|safetensors/.test(words)) return 'llm'
  return 'package'
}
