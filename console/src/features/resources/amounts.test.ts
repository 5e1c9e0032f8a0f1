import { expect, test } from 'vitest'
import { fitOf, isCardCount, tidy } from './amounts'
import { testCard, testNode } from './testNode'

const GIB = 2 ** 30

const need = (cpu_cores: number, gib: number, gpus = 0) => ({
  cpu_cores,
  memory_bytes: gib * GIB,
  gpus,
})

test.each([
  ['fits as it is', need(4, 4), 1, 'now'],
  ['fits twice on different nodes', need(4, 4), 2, 'now'],
  ['fits when the other work has ended', need(8, 4), 1, 'later'],
  ['more instances than there is room for now', need(4, 4), 3, 'later'],
  ['is larger than any node', need(9, 4), 1, 'never'],
  ['asks for cards that no node has', need(1, 1, 1), 1, 'never'],
] as const)('a request that %s', (_, request, count, fit) => {
  const busy = testNode({ cpu_cores_held: 4 })
  expect(fitOf([busy, busy], request, count)).toBe(fit)
})

test.each([
  ['a share fits the rest of a card', 0.4, 'now'],
  ['a share larger than any rest waits', 0.5, 'later'],
  ['a whole card needs an untouched one', 1, 'later'],
  ['more cards than there are', 3, 'never'],
] as const)('%s', (_, gpus, fit) => {
  const node = testNode({ cards: [testCard(0, 0.6), testCard(1, 1)] })
  expect(fitOf([node], need(1, 1, gpus), 1)).toBe(fit)
})

test('a node that is away has no room now, but may have later', () => {
  const away = testNode({ state: 'abnormal', takes_work: false })
  expect(fitOf([away], need(1, 1), 1)).toBe('later')
})

test('sums of shares are shown without noise', () => {
  expect(tidy(0.1 + 0.2)).toBe('0.3')
})

test.each([
  [0, true],
  [0.1, true],
  [0.30000000000000004, true],
  [1, true],
  [8, true],
  [0.05, false],
  [0.25, false],
  [1.5, false],
  [-1, false],
])('%d cards can be asked for: %s', (count, can) => {
  expect(isCardCount(count)).toBe(can)
})
