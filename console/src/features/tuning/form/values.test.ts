import { describe, expect, it } from 'vitest'
import { EMPTY_SEARCH, gridSize, NEW_ROW, spaceProblem, toSearchForm, typed } from './values'

const rate = { ...NEW_ROW, name: 'lr', low: 1e-5, high: 0.1, log: true }
const size = { ...NEW_ROW, name: 'batch', kind: 'choice' as const, values: ['16', '32'] }

describe('the form of a search', () => {
  it('reads written choices as what they are', () => {
    expect(['true', '1e-3', ' 16 ', 'adam', ''].map(typed)).toEqual([true, 0.001, 16, 'adam', ''])
  })

  it('names the first problem of the space', () => {
    const none = (rows: Parameters<typeof spaceProblem>[0], method = 'random') =>
      spaceProblem(rows, method as 'random')
    expect(none([rate, size])).toBeNull()
    expect(none([rate, { ...size, name: 'lr' }])).toEqual({ row: 2, what: 'same' })
    expect(none([{ ...rate, low: 0 }])).toEqual({ row: 1, what: 'log' })
    expect(none([{ ...rate, high: null }])).toEqual({ row: 1, what: 'range' })
    expect(none([{ ...size, values: [] }])).toEqual({ row: 1, what: 'values' })
    expect(none([rate], 'grid')).toEqual({ row: 1, what: 'points' })
  })

  it('counts the points of a grid', () => {
    const layers = { ...NEW_ROW, name: 'layers', kind: 'integer' as const, low: 1, high: 4 }
    expect(gridSize([{ ...rate, points: 5 }, size, layers])).toBe(40)
  })

  it('becomes what the API takes', () => {
    const form = toSearchForm({
      ...EMPTY_SEARCH,
      name: ' s ',
      space: [{ ...rate, points: 3 }, size],
      method: 'halving',
      factor: 4,
    })
    expect(form).toMatchObject({
      name: 's',
      space: [
        { name: 'lr', kind: 'float', low: 1e-5, high: 0.1, log: true, points: null },
        { name: 'batch', kind: 'choice', values: [16, 32] },
      ],
      early_stopping: { min_reports: 1, factor: 4 },
    })
  })
})
