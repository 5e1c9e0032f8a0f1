import { expect, test } from 'vitest'
import { progressOf } from './progress'

const START = '2026-11-20T12:00:00Z'
const after = (seconds: number) => Date.parse(START) / 1000 + seconds

test('the time left follows from the speed so far', () => {
  const progress = { t: after(50), step: 100, total_steps: 400, epoch: 1.5 }
  expect(progressOf({ progress, started_at: START, state: 'Running' })).toEqual({
    step: 100,
    totalSteps: 400,
    epoch: 1.5,
    percent: 25,
    stepsPerSecond: 2,
    etaSeconds: 150,
  })
})

test('what has ended has no time left, and what passed its plan is done', () => {
  const progress = { t: after(10), step: 12, total_steps: 10, epoch: null }
  const known = progressOf({ progress, started_at: START, state: 'Completed' })
  expect(known).toMatchObject({ percent: 100, etaSeconds: null })
})

test.each([
  ['nothing was reported', null],
  ['no plan was reported', { t: after(1), step: 3, total_steps: null }],
  ['the plan is empty', { t: after(1), step: 0, total_steps: 0 }],
])('no progress is shown where %s', (_, progress) => {
  expect(progressOf({ progress, started_at: START, state: 'Running' })).toBeNull()
})

test('before the first step no speed is made up', () => {
  const progress = { t: after(5), step: 0, total_steps: 10 }
  const known = progressOf({ progress, started_at: START, state: 'Running' })
  expect(known).toMatchObject({ percent: 0, etaSeconds: null, stepsPerSecond: null })
})
