import { describe, expect, test } from 'vitest'
import { compress, expand, filled, maskInto, maskOf, onMask, pixelsOf, stroke } from './masks'
import { carriedInto, flagged, nextTrack, touched, withTrack } from './onTrack'
import { fitted, moved, type Shape } from './shapes'

const SIZE = { width: 10, height: 8 }
const PYTHON = 'a04400MM13200g0' // a rectangle with a hole, as the platform writes it
const RING = maskOf('a', ringed(), SIZE)

function ringed() {
  const pixels = filled([[2, 1, 7, 1, 7, 5, 2, 5]], SIZE)
  pixels[2 * 10 + 4] = 0
  return pixels
}

describe('masks', () => {
  test('are what the platform writes', () => {
    expect(RING).toMatchObject({ x: 2, y: 1, width: 5, height: 4 })
    expect(RING?.mask).toBe(PYTHON)
    expect(pixelsOf(PYTHON, SIZE)).toEqual(ringed())
  })

  test('long and short runs survive', () => {
    const runs = [0, 1, 40, 3, 70_000, 2, 1, 1, 123_456]
    expect(expand(compress(runs))).toEqual(runs)
  })

  test('a brush paints and an eraser takes away', () => {
    const pixels = new Uint8Array(80)
    stroke(pixels, SIZE, [2, 4], [7, 4], 1, 1)
    expect(maskOf('a', pixels, SIZE)).toMatchObject({ x: 1, y: 3, width: 7, height: 2 })
    stroke(pixels, SIZE, [0, 4], [9, 4], 3, 0)
    expect(maskOf('a', pixels, SIZE)).toBeNull()
  })

  test('are moved and stretched, but not out of the image', () => {
    if (RING === null) throw new Error('there is a ring')
    const shape = RING
    const right = moved(shape, 99, 0, SIZE)
    expect(right).toMatchObject({ x: 5, y: 1, width: 5, height: 4 })
    expect(onMask(right, 7, 2, 8)).toBe(false) // the hole came along
    expect(onMask(right, 6, 2, 8)).toBe(true)
    expect(fitted(shape, { x: 0, y: 0, width: 10, height: 8 }, SIZE)).toMatchObject({
      x: 0,
      y: 0,
      width: 10,
      height: 8,
    })
    expect(maskInto(shape, shape, SIZE)).toEqual(shape)
  })
})

describe('tracks', () => {
  const shape: Shape = { label: 'car', x: 1, y: 1, width: 2, height: 2 }
  const between = { ...shape, attributes: { track_id: 1, interpolated: 1 } }

  test('a shape that was touched is a keyframe', () => {
    expect(touched(between).attributes).toEqual({ track_id: 1 })
    expect(flagged(between, 'occluded').attributes).toEqual({ track_id: 1, occluded: 1 })
    expect(flagged(flagged(between, 'ended'), 'ended').attributes).toEqual({ track_id: 1 })
  })

  test('a new object gets a number that nobody has', () => {
    expect(nextTrack(3, [withTrack(shape, 7)])).toBe(8)
    expect(nextTrack(3, [shape])).toBe(3)
  })

  test('copying keeps what a person set and replaces what was worked out', () => {
    const [one, two] = [withTrack({ ...shape, x: 5 }, 1), withTrack(shape, 2)]
    expect(carriedInto([between], [one, two])).toEqual([one, two])
    expect(carriedInto([one], [{ ...one, x: 9 }, two])).toEqual([one, two])
  })
})
