import { expect, test } from 'vitest'
import { axesOf, linesOf, metricsOf, smoothed, summaryOf } from './curves'
import type { MetricSeries } from './queries'

function curve(name: string, values: number[], part: Partial<MetricSeries> = {}): MetricSeries {
  return {
    name,
    instance_id: 'i-0',
    time_s: values.map((_, at) => 100 + at),
    step: values.map((_, at) => at + 1),
    epoch: values.map(() => null),
    value: values,
    ...part,
  }
}

const asReported = { axis: 'step', smoothing: 0, log: false } as const
const name = (id: string) => (id === 'i-0' ? 'master-0' : 'worker-0')
const raw = (label: string) => `${label} raw`

test('a metric that several instances report is one chart, and losses come first', () => {
  const other = curve('accuracy', [0.2], { instance_id: 'i-1' })
  const found = metricsOf([curve('accuracy', [0.1]), curve('train/loss', [3]), other])
  expect(found.map((one) => [one.name, one.curves.length])).toEqual([
    ['train/loss', 1],
    ['accuracy', 2],
  ])
})

test('one curve carries the name of the metric, several those of their instances', () => {
  const both = [curve('loss', [3, 2]), curve('loss', [4], { instance_id: 'i-1' })]
  const [first] = metricsOf(both.slice(0, 1))
  const [all] = metricsOf(both)
  expect(first && linesOf(first, asReported, name, raw)).toEqual([
    { name: 'loss', points: [[1, 3], [2, 2]] }, // prettier-ignore
  ])
  expect(all && linesOf(all, asReported, name, raw).map((line) => line.name)).toEqual([
    'master-0',
    'worker-0',
  ])
})

test('time is in milliseconds; points without a place on the axis are left out', () => {
  const [metric] = metricsOf([curve('loss', [3, 2], { epoch: [null, 0.5] })])
  if (metric === undefined) throw new Error('no metric')
  const along = (axis: 'time' | 'epoch') =>
    linesOf(metric, { ...asReported, axis }, name, raw)[0]?.points
  expect(along('time')).toEqual([[100_000, 3], [101_000, 2]]) // prettier-ignore
  expect(along('epoch')).toEqual([[0.5, 2]])
})

test('a log scale has no place for zero and below', () => {
  const [metric] = metricsOf([curve('loss', [1, 0, -1])])
  const lines = metric && linesOf(metric, { ...asReported, log: true }, name, raw)
  expect(lines?.[0]?.points.map(([, y]) => y)).toEqual([1, null, null])
})

test('a smoothed curve starts at its first value, and stands before the reported one', () => {
  expect(smoothed([4, 4, 4], 0.9)).toEqual([4, 4, 4].map((v) => expect.closeTo(v, 9) as number))
  const [first, second] = smoothed([0, 10], 0.5)
  expect(first).toBe(0)
  expect(second).toBeCloseTo(6.667, 3)
  const [metric] = metricsOf([curve('loss', [0, 10])])
  const lines = metric && linesOf(metric, { ...asReported, smoothing: 0.5 }, name, raw)
  expect(lines?.map((line) => [line.name, line.secondary ?? false])).toEqual([
    ['loss', false],
    ['loss raw', true],
  ])
})

test('only axes that the code reported are offered', () => {
  expect(axesOf([curve('loss', [1])])).toEqual(['step', 'time'])
  expect(axesOf([curve('loss', [1], { step: [null], epoch: [1] })])).toEqual(['epoch', 'time'])
})

test('the last value is the newest by time over all instances', () => {
  const [metric] = metricsOf([
    curve('loss', [5, 3], { time_s: [10, 90] }),
    curve('loss', [9, 1], { time_s: [20, 50], instance_id: 'i-1' }),
  ])
  expect(metric && summaryOf(metric)).toEqual({ last: 3, min: 1, max: 9 })
})
