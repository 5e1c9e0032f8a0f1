import { describe, expect, it } from 'vitest'
import { parseDelimited } from './delimited'

describe('parseDelimited', () => {
  it('reads quotes, doubled quotes and line ends inside them', () => {
    const words = 'a,b\r\n"x, ""y""","two\nlines"\n,last'
    expect(parseDelimited(words, ',', 10)).toEqual([
      ['a', 'b'],
      ['x, "y"', 'two\nlines'],
      ['', 'last'],
    ])
  })

  it('stops after the rows asked for', () => {
    expect(parseDelimited('a\tb\nc\td\ne\tf\n', '\t', 2)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(parseDelimited('', ',', 5)).toEqual([])
  })
})
