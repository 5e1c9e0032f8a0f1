import { describe, expect, it } from 'vitest'
import type { SearchDetail, SearchTrial } from './queries'
import { bestSoFar, parallelOf, sortTrials } from './trials'

const trial = (number: number, value: number | null, lr = number, state = 'Completed') =>
  ({
    number,
    value,
    state,
    parameters: { lr, opt: 'adam' },
    run_time_s: null,
  }) as unknown as SearchTrial

describe('the trials of a search', () => {
  const trials = [trial(1, 5), trial(2, null), trial(3, 2), trial(4, 1, 4, 'Pruned'), trial(5, 3)]

  it('have a best value so far, which only completed trials change', () => {
    expect(bestSoFar(trials, 'minimize')).toEqual([
      [1, 5],
      [2, 5],
      [3, 2],
      [4, 2],
      [5, 2],
    ])
    expect(bestSoFar(trials, 'maximize').at(-1)).toEqual([5, 5])
  })

  it('are sorted by any column, what has no value last', () => {
    const numbers = (order: string) => sortTrials(trials, order).map(({ number }) => number)
    expect(numbers('value')).toEqual([4, 3, 5, 1, 2])
    expect(numbers('-value')).toEqual([1, 5, 3, 4, 2])
    expect(numbers('-p:lr')).toEqual([5, 4, 3, 2, 1])
  })

  it('are lines over the parameters and the metric', () => {
    const space = [
      { name: 'lr', kind: 'float', log: true, values: [] },
      { name: 'opt', kind: 'choice', log: false, values: ['adam', 'sgd'] },
    ]
    const search = { space, metric: 'loss', trial_list: trials } as unknown as SearchDetail
    expect(parallelOf(search)).toEqual({
      axes: [
        { name: 'lr', type: 'log' },
        { name: 'opt', type: 'category', categories: ['adam', 'sgd'] },
        { name: 'loss', type: 'value' },
      ],
      rows: [
        [1, 'adam', 5],
        [3, 'adam', 2],
        [4, 'adam', 1],
        [5, 'adam', 3],
      ],
    })
  })
})
