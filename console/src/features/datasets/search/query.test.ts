import { expect, it } from 'vitest'
import { narrowed, quoted } from './query'

it('quotes what is not one word', () => {
  expect(quoted('zh')).toBe('zh')
  expect(quoted('中文')).toBe('中文')
  expect(quoted('two words')).toBe('"two words"')
  expect(quoted('a "b"')).toBe('"a \\"b\\""')
  expect(quoted('and')).toBe('"and"')
})

it('adds a condition to a query', () => {
  expect(narrowed(' ', 'a = 1')).toBe('a = 1')
  expect(narrowed('b', 'a = 1')).toBe('b and a = 1')
  expect(narrowed('b or c', 'a = 1')).toBe('(b or c) and a = 1')
})
