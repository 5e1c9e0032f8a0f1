import { describe, expect, it } from 'vitest'
import type { LoadStep } from './queries'
import { bestStep, curve, parseSteps } from './steps'

const step = (concurrency: number, rps: number, p95: number | null = null): LoadStep => ({
  concurrency,
  rps,
  p95_ms: p95,
  seconds: 1,
  requests: 1,
  failed: 0,
  bytes_per_s: 0,
  tokens_per_s: null,
  mean_ms: null,
  p50_ms: null,
  p90_ms: null,
  p99_ms: null,
  max_ms: null,
  first_p50_ms: null,
  first_p95_ms: null,
  first_p99_ms: null,
  failures: {},
})

describe('steps', () => {
  it('reads numbers however they are separated', () => {
    expect(parseSteps('1, 2 4，8')).toEqual([1, 2, 4, 8])
  })

  it.each(['', '0', '1.5', '513', 'two', Array(13).fill('1').join(',')])(
    'refuses %j',
    (written) => {
      expect(parseSteps(written)).toBeNull()
    },
  )

  it('draws a figure from few to many callers, without what was not measured', () => {
    const steps = [step(4, 40, 9), step(1, 10, 5), step(2, 20)]
    expect(curve(steps, 'p95_ms', 'P95')).toEqual({
      name: 'P95',
      points: [
        [1, 5],
        [4, 9],
      ],
    })
  })

  it('finds the step with the most answers', () => {
    expect(bestStep([step(1, 10), step(2, 30), step(4, 20)])?.concurrency).toBe(2)
    expect(bestStep([])).toBeUndefined()
  })
})
