import { expect, test } from 'vitest'
import type { Report, Share } from './queries'
import { byModel, lineOf } from './sums'

const share = (model: string, calls: number, failed: number): Share => ({
  model,
  group_id: 'g',
  group_name: 'g',
  group_deleted: false,
  service_id: 's',
  service_name: 's',
  calls,
  failed,
  prompt_tokens: calls,
  completion_tokens: 2 * calls,
  tokens: 3 * calls,
  images: 0,
  cost: 0.5,
})

test('shares of a model are added up, the most called first', () => {
  const found = byModel([share('a', 1, 0), share('b', 5, 1), share('a', 2, 2)])
  expect(
    found.map(({ model, calls, failed, tokens, cost }) => [model, calls, failed, tokens, cost]),
  ).toEqual([
    ['b', 5, 1, 15, 0.5],
    ['a', 3, 2, 9, 1],
  ])
})

test('a step without calls is a zero', () => {
  const sums = share('a', 4, 1)
  const report: Report = {
    start: '2026-01-01T00:00:00Z',
    end: '2026-01-01T00:03:00Z',
    step_s: 60,
    total: sums,
    shares: [],
    failures: [],
    points: [{ ...sums, time: '2026-01-01T00:01:00Z' }],
  }
  expect(lineOf(report, 'calls', 'Calls').points.map(([, value]) => value)).toEqual([0, 4, 0])
})
