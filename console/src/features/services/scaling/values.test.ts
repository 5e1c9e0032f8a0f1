import { expect, test } from 'vitest'
import { freshScaling, scalingForm, scalingValues, shown } from './values'

test('what a version has comes back from the form as it was', () => {
  const scaling = {
    strategy: 'hpa' as const,
    rules: [
      {
        time: '0 8 * * *',
        replicas: 2,
        exceptions: ['* * * * * SAT'],
        min_replicas: 1,
        max_replicas: null,
      },
    ],
    hpa: {
      min_replicas: 1,
      max_replicas: 4,
      targets: [{ metric: 'cpu-util' as const, threshold: 70 }],
      up_window_s: 10,
      down_window_s: 200,
    },
    idle_s: 1800,
    max_held: 10,
    hold_s: 60,
  }
  expect(scalingForm(scalingValues(scaling))).toEqual(scaling)
})

test('a fixed count sends neither rules nor metrics that were tried before', () => {
  const tried = {
    ...freshScaling(),
    rules: [
      { time: '0 8 * * *', replicas: 2, exceptions: [], min_replicas: 1, max_replicas: null },
    ],
  }
  expect(scalingForm(tried)).toMatchObject({
    strategy: 'manual',
    rules: [],
    hpa: null,
    idle_s: null,
  })
  const byTime = scalingForm({ ...tried, strategy: 'time' })
  expect(byTime.hpa).toBeNull()
  expect(byTime.rules[0]).toMatchObject({ min_replicas: null, exceptions: [] })
})

test('values carry the unit of their metric', () => {
  expect(shown('cpu-util', 70.04)).toBe('70%')
  expect(shown('service-qps', 2.55)).toBe('2.6/s')
  expect(shown('ttft-p95', 800)).toBe('800 ms')
  expect(shown('waiting-requests', 4)).toBe('4')
})
