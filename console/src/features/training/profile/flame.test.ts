import { describe, expect, it } from 'vitest'
import { boxesOf, flameOf } from './flame'

const frames = [{ name: 'main', file: 'a.py', line: 9 }, { name: 'load' }, { name: 'train' }]

describe('a flame graph', () => {
  it('gathers the samples of all threads into one tree', () => {
    const root = flameOf({
      shared: { frames },
      profiles: [
        { name: 'MainThread', samples: [[0, 1], [0, 2], [0, 2], [0]], weights: [1, 1, 1, 1] },
        { name: 'idle', samples: [] },
      ],
    })
    expect(root.value).toBe(4)
    const [thread] = root.children
    expect(thread).toMatchObject({ name: 'MainThread', value: 4 })
    expect(thread?.children).toMatchObject([
      {
        name: 'main',
        place: 'a.py:9',
        value: 4,
        children: [
          { name: 'load', value: 1 },
          { name: 'train', value: 2 },
        ],
      },
    ])
    expect(
      boxesOf(root, 0.3).map(({ node, depth, left, width }) => [node.name, depth, left, width]),
    ).toEqual([
      ['', 0, 0, 1],
      ['MainThread', 1, 0, 1],
      ['main', 2, 0, 1],
      ['train', 3, 0, 0.5],
    ])
  })
})
