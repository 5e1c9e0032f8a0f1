import { expect, test } from 'vitest'
import { asCsv, axesOf, endsOf, lineNames, radarOf } from './compareData'
import type { Comparison } from './queries'

const row = (model: string, values: Comparison['rows'][number]['values'], evaluation = 'E') => ({
  key: `${evaluation}/${model}`,
  evaluation_id: evaluation,
  evaluation_name: evaluation,
  model,
  source: 'service',
  values,
})

const ROWS = [
  row('a', { one: { accuracy: 0.2, bleu4: 40 } }),
  row('b', { one: { accuracy: 0.4, bleu4: 40 } }),
]

const FOUND = {
  metric: 'accuracy',
  metrics: ['accuracy', 'bleu4'],
  sets: ['one'],
  shown_sets: ['one'],
  rows: ROWS,
} as unknown as Comparison

test('a single set may be seen by its metrics', () => {
  expect(axesOf(FOUND, 'metrics', (name) => name.toUpperCase()).map(({ name }) => name)).toEqual([
    'ACCURACY',
    'BLEU4',
  ])
  expect(axesOf(FOUND, 'sets', String).map(({ name }) => name)).toEqual(['one'])
})

test('a relative axis is a tenth wider than its models; equal values lie in the middle', () => {
  const ends = endsOf(ROWS, { name: '', set: 'one', metric: 'accuracy' })
  expect(ends.min).toBeCloseTo(0.18)
  expect(ends.max).toBeCloseTo(0.42)
  expect(endsOf(ROWS, { name: '', set: 'one', metric: 'bleu4' })).toEqual({ min: 39, max: 41 })
})

test('what is drawn stays absolute in both modes, with a gap where there is no result', () => {
  const axes = axesOf(FOUND, 'metrics', String)
  const rows = [...ROWS, row('c', {})]
  for (const relative of [true, false]) {
    expect(radarOf(rows, axes, ['a', 'b', 'c'], relative).series.map((s) => s.values)).toEqual([
      [0.2, 40],
      [0.4, 40],
      [null, null],
    ])
  }
  expect(radarOf(rows, axes, [], false).axes.map(({ max }) => max)).toEqual([1, 100])
})

test('a name that is there twice is told apart by its evaluation', () => {
  expect(lineNames([row('a', {}, 'E'), row('a', {}, 'F'), row('b', {})])).toEqual([
    'a · E',
    'a · F',
    'b',
  ])
})

test('the file has every decimal, and cells that no spreadsheet runs', () => {
  const third = row('=x,"y"', { one: { accuracy: 1 / 3 } })
  const lines = asCsv({ ...FOUND, rows: [third] }).split('\r\n')
  expect(lines[0]).toBe('model,evaluation,source,one accuracy,one bleu4')
  expect(lines[1]).toBe(`"'=x,""y""",E,service,${1 / 3},`)
})
