import { describe, expect, it } from 'vitest'
import { FIRST, toForm } from './values'

describe('toForm', () => {
  it('leaves out what was typed for the other kind', () => {
    const typed = { ...FIRST, requirements: 'numpy', image: ' a/b:1 ', on_platform: true }
    expect(toForm({ ...typed, kind: 'image' })).toMatchObject({
      image: 'a/b:1',
      requirements: '',
      on_platform: false,
    })
    expect(toForm({ ...typed, kind: 'python' })).toMatchObject({
      image: '',
      requirements: 'numpy',
      on_platform: true,
    })
  })
})
