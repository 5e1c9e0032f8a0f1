import { expect, test } from 'vitest'
import { FIT, zoomed } from './zoom'

test('the point under the pointer stays where it is', () => {
  const before = { scale: 2, x: 30, y: -10 }
  const [px, py] = [120, 80]
  const after = zoomed(before, 1.5, px, py)
  expect(after.scale).toBe(3)
  const spot = (view: typeof before) => [(px - view.x) / view.scale, (py - view.y) / view.scale]
  expect(spot(after)[0]).toBeCloseTo(spot(before)[0] ?? NaN)
  expect(spot(after)[1]).toBeCloseTo(spot(before)[1] ?? NaN)
})

test('zooming out ends at the whole picture in the middle, zooming in at a limit', () => {
  expect(zoomed({ scale: 1.2, x: 300, y: 9 }, 0.5, 40, 40)).toEqual(FIT)
  expect(zoomed(FIT, 1e6).scale).toBe(24)
})
