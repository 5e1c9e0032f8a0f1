import { expect, test } from 'vitest'
import { amountsOf, fitOf, freeCards } from './amounts'
import type { Group, Node } from './queries'

const GIB = 2 ** 30

function node(part: Partial<Node>): Node {
  return {
    id: 'node-1',
    name: 'one',
    engine: 'process',
    host: '127.0.0.1',
    state: 'running',
    cordoned: false,
    cpu_cores: 8,
    cpu_cores_held: 0,
    memory_bytes: 16 * GIB,
    memory_bytes_held: 0,
    gpus: [],
    gpus_held: [],
    instances: 0,
    ...part,
  }
}

const cards = (model: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, model, memory_bytes: 80 * GIB }))

const group = (...nodes: Node[]): Group => ({ id: 'rsg', name: 'g', engine: 'process', nodes })

const need = (cpu_cores: number, gib: number, gpus = 0) => ({
  cpu_cores,
  memory_bytes: gib * GIB,
  gpus,
})

test('free cards are told apart by whether their machine is wholly free', () => {
  const shown = freeCards(
    group(
      node({ gpus: cards('A', 8), gpus_held: [0, 1, 2] }),
      node({ gpus: cards('A', 8) }),
      node({ gpus: cards('B', 2), gpus_held: [0, 1] }),
      node({ gpus: cards('B', 8), state: 'abnormal' }),
    ),
  )
  expect(shown).toEqual([
    { model: 'A', total: 16, free: 13, whole: 8, fragments: 5 },
    { model: 'B', total: 2, free: 0, whole: 0, fragments: 0 },
  ])
})

test.each([
  ['fits as it is', need(4, 4), 1, 'now'],
  ['fits twice on different nodes', need(4, 4), 2, 'now'],
  ['fits when the other work has ended', need(8, 4), 1, 'later'],
  ['more instances than there is room for now', need(4, 4), 3, 'later'],
  ['is larger than any node', need(9, 4), 1, 'never'],
  ['asks for cards that no node has', need(1, 1, 1), 1, 'never'],
] as const)('a request that %s', (_, request, count, fit) => {
  const busy = node({ cpu_cores_held: 4 })
  expect(fitOf(group(busy, busy), request, count)).toBe(fit)
})

test('a node that is away has no room now, but may have later', () => {
  expect(fitOf(group(node({ state: 'abnormal' })), need(1, 1), 1)).toBe('later')
})

test('amounts of several nodes add up', () => {
  const one = node({ cpu_cores_held: 1.5, gpus: cards('A', 2), gpus_held: [1] })
  expect(amountsOf([one, one])).toEqual({
    cpu: 16,
    cpuHeld: 3,
    memory: 32 * GIB,
    memoryHeld: 0,
    gpus: 4,
    gpusHeld: 2,
  })
})
