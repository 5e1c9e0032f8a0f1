import { expect, test } from 'vitest'
import { costOf } from './cost'
import type { Answer } from './types'

const answer = {
  state: 'done',
  promptTokens: 1000,
  tokens: 500,
  results: [],
} as unknown as Answer

test('tokens are paid by the million, pictures by the piece', () => {
  expect(costOf(answer, { prompt: 2, completion: 8 })).toBeCloseTo(0.006)
  expect(costOf({ ...answer, results: ['a', 'b'] }, { image: 0.5 })).toBe(1)
  expect(costOf(answer, { prompt: 0 })).toBe(0)
})

test('nothing is said of a price that nobody set, or of an answer that still comes', () => {
  expect(costOf(answer)).toBeNull()
  expect(costOf({ ...answer, state: 'answering' }, { prompt: 2 })).toBeNull()
})
