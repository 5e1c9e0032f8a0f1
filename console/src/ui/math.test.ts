import { expect, test } from 'vitest'
import { hasMath, withDollars } from './math'

test('formulas in each notation are seen, prices are not', () => {
  for (const source of ['$$x$$', '\\(x\\)', 'so $a^2 + b^2$ it is', '\\[ x \\]']) {
    expect(hasMath(source), source).toBe(true)
  }
  for (const source of ['It costs $5 and $6.', 'no math', 'only $ alone', 'a$b']) {
    expect(hasMath(source), source).toBe(false)
  }
})

test('brackets become dollars outside of code', () => {
  expect(withDollars('\\(x\\) and `\\(y\\)`')).toBe('$x$ and `\\(y\\)`')
  expect(withDollars('\\[ x \\]')).toBe('\n$$\nx\n$$\n')
  expect(withDollars('```\n\\[x\\]\n```')).toBe('```\n\\[x\\]\n```')
})
