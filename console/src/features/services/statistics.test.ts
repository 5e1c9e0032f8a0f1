import { expect, test } from 'vitest'
import type { Statistics } from './queries'
import { lineOf } from './statistics'

const FOUND = {
  start: '2026-01-01T00:00:00Z',
  end: '2026-01-01T00:04:00Z',
  step_s: 60,
  items: [{ time: '2026-01-01T00:02:00Z', received: 5, mean_ms: 12 }],
} as unknown as Statistics

test('steps without calls count 0', () => {
  const { points } = lineOf(FOUND, 'received', 'calls')
  expect(points.map(([, value]) => value)).toEqual([0, 0, 5, 0])
})

test('steps without calls have no latency', () => {
  const { points } = lineOf(FOUND, 'mean_ms', 'mean')
  expect(points).toEqual([
    [Date.parse('2026-01-01T00:00:00Z'), null],
    [Date.parse('2026-01-01T00:02:00Z'), 12],
    [Date.parse('2026-01-01T00:03:00Z'), null],
  ])
})
