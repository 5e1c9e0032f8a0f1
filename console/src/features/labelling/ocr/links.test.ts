import { describe, expect, it } from 'vitest'
import { makeBox, splitBox, type OcrBox } from './boxes'
import { paired, printed, roleSaid, segmentsOf, tidied, unpaired, without, withRole } from './links'

const SQUARE = [0, 0, 40, 0, 40, 10, 0, 10]

function boxes(...descriptors: string[]): OcrBox[] {
  return descriptors.map((descriptor, at) => makeBox(at + 1, SQUARE, { descriptor }))
}

const said = (found: readonly OcrBox[]) => found.map((box) => box.attributes.descriptor)

describe('descriptors as they are stored', () => {
  it('are read and printed the same', () => {
    for (const text of ['', 'k', 'kc5,7', 'k3,5k3,6', 'v20,11,12c1,2', 'kv']) {
      expect(printed(segmentsOf(text))).toBe(text)
    }
  })

  it('are what is typed without spaces, capitals, the own number and what says nothing', () => {
    expect(tidied(3, '3K3， 5 C0')).toBe('k3,5')
    expect(tidied(3, '35k')).toBe('35k')
    expect(tidied(3, '5k3,5')).toBe('5k3,5')
    expect(tidied(3, '3')).toBe('')
  })

  it('stay as they were typed where they cannot be read', () => {
    const wrong = boxes('k1,', '5k1,2', '')
    expect(paired(wrong, 1, 3)).toEqual(wrong)
    expect(without(wrong, [3]).changed).toEqual([])
  })

  it('gain a pair, and several values of one key', () => {
    const once = paired(boxes('', '', 'v'), 1, 2)
    expect(said(once)).toEqual(['k1,2', '', 'v'])
    const twice = paired(once, 1, 3)
    expect(said(twice)).toEqual(['k1,2,3', '', ''])
    expect(paired(twice, 1, 3)).toEqual(twice)
    expect(said(paired(boxes('kc1,2', 'c1,2', ''), 1, 3))).toEqual(['k1,3c1,2', 'c1,2', ''])
  })

  it('lose a pair wherever it is written', () => {
    expect(said(unpaired(boxes('k1,2,3', '', ''), [1], [2]))).toEqual(['k1,3', '', ''])
    expect(said(unpaired(boxes('', 'v2,1', ''), [1], [2]))).toEqual(['', '', ''])
    expect(said(unpaired(boxes('c1,2', 'k2,3c1,2', ''), [1, 2], [3]))).toEqual(['c1,2', 'c1,2', ''])
  })

  it('say a role without a pair', () => {
    const [key] = withRole(boxes('c1,2', 'c1,2'), 1, 'key')
    expect(key?.attributes.descriptor).toBe('kc1,2')
    expect(key && roleSaid(key)).toBe('key')
    expect(said(withRole(boxes('vk1,2', ''), 1, null))).toEqual(['k1,2', ''])
  })

  it('forget deleted boxes and say which changed', () => {
    const { boxes: left, changed } = without(boxes('k1,2', '', 'k3,2,4', 'c4,5,2', 'c4,5,2'), [2])
    expect(said(left)).toEqual(['k', 'k3,4', 'c4,5', 'c4,5'])
    expect(changed).toEqual([1, 3, 4, 5])
    expect(said(without(boxes('', 'k1,2', 'v3,1'), [1]).boxes)).toEqual(['', 'v'])
  })
})

describe('splitting a box', () => {
  it('halves it along the line of writing, its text at a space', () => {
    const box = makeBox(1, SQUARE, { descriptor: 'k1,2', text: 'No. 30148' })
    const [one, two] = splitBox(box, 7)
    expect(one.polygons).toEqual([[0, 0, 20, 0, 20, 10, 0, 10]])
    expect(two.polygons).toEqual([[20, 0, 40, 0, 40, 10, 20, 10]])
    expect([one.attributes.text, two.attributes.text]).toEqual(['No.', '30148'])
    expect([one.attributes.descriptor, two.attributes.descriptor]).toEqual(['k1,2', ''])
    expect(two.attributes.id).toBe(7)
  })

  it('goes from top to bottom where the text does', () => {
    const [one, two] = splitBox(
      makeBox(1, [0, 0, 10, 0, 10, 40, 0, 40], { direction: 'vertical' }),
      2,
    )
    expect([one.height, two.y]).toEqual([20, 20])
  })
})
