import { expect, test } from 'vitest'
import { figureLines, gpuLines, hasFigure, hasGpus, inUnit, rateLines } from './usage'

const MIB = 2 ** 20
const SAMPLES = [
  { t: 10, cpu_pct: 50, mem_bytes: 2 * MIB, read_bytes: 0, gpus: [{ index: 1, util_pct: 80 }] },
  { t: 15, cpu_pct: null, mem_bytes: 3 * MIB, read_bytes: 500, gpus: [] },
  { t: 20, cpu_pct: 70, mem_bytes: 4 * MIB, read_bytes: 100, gpus: [{ index: 1, util_pct: 90 }] },
]
const OF = [{ name: 'master-0', samples: SAMPLES }]

test('a figure that a sample lacks leaves no point', () => {
  expect(figureLines(OF, 'cpu_pct')).toEqual([
    { name: 'master-0', points: [[10_000, 50], [20_000, 70]] }, // prettier-ignore
  ])
})

test('a counter becomes a rate, and one that began anew does not become negative', () => {
  expect(rateLines(OF, 'read_bytes')[0]?.points).toEqual([[15_000, 100], [20_000, 0]]) // prettier-ignore
})

test('each card is a line of its own', () => {
  expect(gpuLines(OF, 'util_pct', (instance, card) => `${instance}/${card}`)).toEqual([
    { name: 'master-0/1', points: [[10_000, 80], [20_000, 90]] }, // prettier-ignore
  ])
  expect(hasGpus(OF)).toBe(true)
  expect(hasGpus([{ name: 'x', samples: [{ t: 1 }] }])).toBe(false)
  expect(hasFigure(OF, 'write_bytes')).toBe(false)
})

test('bytes are drawn in the unit of the largest', () => {
  const { lines, unit } = inUnit(figureLines(OF, 'mem_bytes'))
  expect(unit).toBe('MiB')
  expect(lines[0]?.points.map(([, y]) => y)).toEqual([2, 3, 4])
  expect(inUnit([{ name: 'x', points: [[0, 0]] }]).unit).toBe('B')
})
