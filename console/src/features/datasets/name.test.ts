import { expect, test } from 'vitest'
import { NAME, nameFrom } from './name'

test.each([
  ['b/raw/blood cells.zip', 'blood-cells'],
  ['b/raw/digits/', 'digits'],
  ['b/数据 集/训练.jsonl', '训练'],
  ['b/x/sales.2026.csv', 'sales-2026'],
  ['b/x/__x__.tar.gz', 'x__'],
  ['', ''],
])('%s suggests %s, which follows the rule of names', (address, name) => {
  expect(nameFrom(address)).toBe(name)
  if (name !== '') expect(name).toMatch(NAME)
})

test.each(['_x', '-x', 'a b', '', 'x'.repeat(61)])('%j is no name', (name) => {
  expect(name).not.toMatch(NAME)
})
