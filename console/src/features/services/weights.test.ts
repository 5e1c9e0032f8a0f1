import { expect, test } from 'vitest'
import { moved, shareEvenly, sumOf } from './weights'

test.each([1, 2, 3, 7])('an even share over %i is whole and together 100', (count) => {
  const ids = Array.from({ length: count }, (_, at) => `v${at}`)
  const shares = shareEvenly(ids)
  expect(sumOf(shares)).toBe(100)
  expect(Math.max(...Object.values(shares)) - Math.min(...Object.values(shares))).toBeLessThan(2)
})

test('with two versions the other gives way; with three each stands alone', () => {
  expect(moved({ a: 100, b: 0 }, 'b', 30)).toEqual({ a: 70, b: 30 })
  expect(moved({ a: 100, b: 0, c: 0 }, 'b', 30)).toEqual({ a: 100, b: 30, c: 0 })
})
