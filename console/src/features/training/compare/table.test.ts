import { expect, test } from 'vitest'
import type { ComparedRun } from './queries'
import { metricNames, overlaid, parameterRows, runNames } from './table'

function run(id: string, part: Partial<ComparedRun> = {}): ComparedRun {
  return {
    id,
    name: id,
    state: 'Completed',
    is_task: true,
    run_time_s: 1,
    parameters: {},
    tags: {},
    metrics: {},
    series: [],
    ...part,
  }
}

test('what differs comes first, and can stand alone', () => {
  const runs = [run('a', { parameters: { lr: '1', z: '0' } }), run('b', { parameters: { z: '0' } })]
  const rows = parameterRows({ runs, differing: ['lr'] }, false)
  expect(rows.map(({ name, differs, values }) => [name, differs, values])).toEqual([
    ['lr', true, ['1', null]],
    ['z', false, ['0', '0']],
  ])
  expect(parameterRows({ runs, differing: ['lr'] }, true)).toHaveLength(1)
})

test('one curve a run, and runs of one name are told apart', () => {
  const curve = {
    name: 'loss',
    instance_id: 'i',
    time_s: [1],
    step: [1],
    epoch: [null],
    value: [2],
  }
  const runs = [
    run('train-1111', { name: 'x', series: [curve], metrics: { loss: { value: 2, step: 1 } } }),
    run('train-2222', { name: 'x', metrics: { acc: { value: 1, step: null } } }),
  ]
  const names = runNames(runs)
  expect(names).toEqual(['x (1111)', 'x (2222)'])
  expect(metricNames(runs)).toEqual(['loss', 'acc'])
  const look = { axis: 'step', smoothing: 0, log: false } as const
  expect(overlaid(runs, names, 'loss', look)).toEqual([{ name: 'x (1111)', points: [[1, 2]] }])
})
