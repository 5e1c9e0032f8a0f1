import { expect, test } from 'vitest'
import type { Version } from '../queries'
import {
  configOf,
  freshValues,
  isShare,
  limitForm,
  limitValues,
  runtimeFor,
  serviceForm,
  updateForm,
  valuesOf,
  type Values,
} from './values'

const VALUES: Values = {
  ...freshValues(),
  name: ' chat ',
  model: { kind: 'registry', ref: 'mv-1' },
  served_name: 'm',
}

function version(values = VALUES): Version {
  return { config: configOf(values), description: 'old', replicas: 2 } as Version
}

test('what a form holds becomes the request of a service', () => {
  const body = serviceForm({
    ...VALUES,
    env: [{ key: 'A', value: '1' }],
    limitKind: 'qps',
    limitValue: 7,
  })
  expect(body).toMatchObject({
    name: 'chat',
    runtime: 'llm',
    model: { kind: 'registry', ref: 'mv-1' },
    env: { A: '1' },
    limit: { qps_per_replica: 7, concurrency_per_replica: null },
    probes: { readiness: null, liveness: null, startup: null },
  })
})

test('what belongs to a language model is left out for the others', () => {
  const body = configOf({
    ...VALUES,
    runtime: 'custom',
    base: { kind: 'registry', ref: 'mv-2' },
    max_model_len: 100,
  })
  expect(body).toMatchObject({ base: { kind: 'none', ref: '' }, served_name: '' })
  expect(body.max_model_len).toBeNull()
})

test('an update says only what was changed', () => {
  const old = version()
  const values = valuesOf(old)
  expect(updateForm(values, old)).toEqual({})
  expect(updateForm({ ...values, cpu_cores: 4, replicas: 3 }, old)).toEqual({
    cpu_cores: 4,
    replicas: 3,
  })
})

test('an update can take a probe away', () => {
  const on = { ...VALUES.probes.readiness, on: true }
  const old = version({ ...VALUES, probes: { ...VALUES.probes, readiness: on } })
  const values = valuesOf(old)
  expect(values.probes.readiness.on).toBe(true)
  const off = { ...values.probes, readiness: { ...on, on: false } }
  expect(updateForm({ ...values, probes: off }, old).probes?.readiness).toBeNull()
})

test.each([
  [{ qps_per_replica: 3 }, 'qps'],
  [{ concurrency_per_replica: 4 }, 'concurrency'],
  [{}, 'none'],
] as const)('the limit %j comes back as it went', (limit, kind) => {
  const values = limitValues(limit)
  expect(values.limitKind).toBe(kind)
  expect(limitForm(values)).toEqual({
    qps_per_replica: null,
    concurrency_per_replica: null,
    ...limit,
  })
})

test.each([
  ['33%', true],
  ['2', true],
  ['101%', false],
  ['-1', false],
  ['a few', false],
])('the share %s is taken: %s', (written, taken) => expect(isShare(written)).toBe(taken))

test.each([
  ['llm', 'hf', 'llm'],
  ['tiinfer', 'package', 'package'],
  ['python', 'PyTorch', 'package'],
])('a version for %s in the format %s runs as %s', (environment, format, runtime) =>
  expect(runtimeFor({ environment, format })).toBe(runtime),
)

test('place in the queue and environment are sent, come back, and change by themselves', () => {
  const custom: Values = {
    ...VALUES,
    runtime: 'custom',
    environment: 'env-1',
    priority: 0,
    placement: 'spread',
  }
  expect(configOf(custom)).toMatchObject({
    environment: 'env-1',
    priority: 0,
    placement: 'spread',
  })
  const old = version(custom)
  expect(valuesOf(old)).toMatchObject({ environment: 'env-1', priority: 0, placement: 'spread' })
  expect(updateForm({ ...valuesOf(old), priority: null }, old)).toEqual({ priority: null })
  expect(configOf({ ...custom, runtime: 'llm' }).environment).toBe('env-1')
})
