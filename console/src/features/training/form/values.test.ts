import { expect, test } from 'vitest'
import { parentOf } from '../sources'
import {
  copiedValues,
  copyName,
  defaultTarget,
  EMPTY,
  emptyMount,
  instanceCount,
  mountProblem,
  NAME_RULE,
  nextGroup,
  startRoles,
  templateValues,
  toForm,
  type MountRow,
} from './values'

const template = (hyperparameters: Record<string, unknown>) => ({
  id: 'llm-lora',
  name: { en: 'LoRA' },
  description: {},
  command: 'python -m finetune',
  hyperparameters,
})

const mount = (part: Partial<MountRow>): MountRow => ({
  ...emptyMount('dataset', 'training_data'),
  source: 'ds-1',
  ...part,
})

test('what is submitted comes back as it was when the task is copied', () => {
  const values = {
    ...EMPTY,
    name: 'sweep-9',
    tags: [{ key: 'team', value: 'vision' }],
    env: [{ key: 'SEED', value: '1' }],
    hyperparameters: JSON.stringify({ Epoch: 2 }, null, 2),
    mounts: [mount({ version: 'v2', target: '/data' })],
    command: 'python train.py',
    mode: 'ddp',
    instances: 3,
    output: 'bucket/out/',
  }
  const copied = copiedValues({ spec: { ...toForm(values), priority: 0 } })
  expect(copied).toEqual({ ...values, name: 'sweep-10' })
})

test('requests by role and all limits outlive a copy', () => {
  const values = {
    ...EMPTY,
    name: 'ray-1',
    mode: 'ray',
    roles: [...startRoles('ray'), { ...nextGroup(startRoles('ray')), gpus: 1, gpu_model: 'H200' }],
    command: 'python job.py',
    max_restarts: 2,
    max_reschedules: 3,
    health_check_s: 60,
    grace_s: 5,
    hang_s: 600,
    max_run_s: 3600,
    max_queue_s: 60,
    after: ['train-1'],
  }
  expect(instanceCount(values)).toBe(3)
  const copied = copiedValues({ spec: { ...toForm(values), priority: null } })
  expect(copied).toEqual({ ...values, name: 'ray-2' })
  expect(toForm({ ...values, mode: 'ddp' }).roles).toEqual([])
})

test('nothing written is left to the platform: output, template, card model', () => {
  const form = toForm({ ...EMPTY, name: ' a ', gpu_model: 'H200', instances: 4 })
  expect(form).toMatchObject({
    name: 'a',
    output: null,
    template: null,
    gpu_model: null,
    instances: 1, // "single" has one, whatever the hidden field holds
    hyperparameters: {},
  })
})

test.each([
  ['run', 'run-2'],
  ['run-2', 'run-3'],
  ['run-9', 'run-10'],
  ['a'.repeat(60), `${'a'.repeat(58)}-2`],
])('a copy of %s is called %s', (name, copy) => {
  expect(copyName(name)).toBe(copy)
})

test.each([
  ['对话-1', true],
  ['run_2', true],
  ['-run', false],
  ['a b', false],
])('the name %s is allowed: %s', (name, allowed) => {
  expect(NAME_RULE.test(name)).toBe(allowed)
})

test('a template brings its command, values and the mounts it needs', () => {
  const filled = templateValues(template({ Epoch: 2 }), [])
  expect(filled).toMatchObject({ command: 'python -m finetune', environment: 'llm' })
  expect(JSON.parse(filled.hyperparameters ?? '')).toEqual({ Epoch: 2 })
  expect(filled.mounts?.map(({ kind, purpose }) => [kind, purpose])).toEqual([
    ['dataset', 'training_data'],
    ['model', 'own_model'],
  ])
  const scratch = templateValues(template({ FromScratch: { Size: 'tiny' } }), [])
  expect(scratch.mounts?.map(({ kind }) => kind)).toEqual(['dataset'])
})

test('mounts that were chosen already outlive the choice of a template', () => {
  expect(templateValues(template({}), [mount({})]).mounts).toBeUndefined()
})

test('two mounts may not meet on one path, also where the path follows from the purpose', () => {
  expect(mountProblem([mount({}), mount({ kind: 'model', purpose: 'own_model' })])).toBeNull()
  expect(mountProblem([mount({}), mount({ purpose: 'own_data' })])).toEqual({
    kind: 'doubled',
    row: 2,
    target: '/opt/ml/input/data',
  })
  expect(mountProblem([mount({ target: '/a/' }), mount({ target: '/a' })])).toMatchObject({
    kind: 'doubled',
  })
  expect(mountProblem([mount({ source: ' ' })])).toEqual({ kind: 'source', row: 1 })
  expect(mountProblem([mount({ target: 'data' })])).toEqual({ kind: 'target', row: 1 })
})

test('a mount without a purpose gets a path by its place', () => {
  expect(defaultTarget(mount({ purpose: 'other' }), 3)).toBe('/opt/ml/mount/3')
})

test('folders are looked for below the last slash', () => {
  expect(['buck', 'bucket/', 'bucket/a/b'].map(parentOf)).toEqual(['', 'bucket/', 'bucket/a/'])
})
