import { expect, test } from 'vitest'
import { fromRules, setRules, toRules } from './rules'

test('empty fields are no rule', () => {
  expect(toRules({ rpm: 5, cost_day: '', expires_at: null, addresses: [], models: ['m'] })).toEqual(
    {
      rpm: 5,
      cost_day: null,
      cost_month: null,
      expires_at: null,
      addresses: null,
      models: ['m'],
    },
  )
})

test('rules come back as they were', () => {
  const rules = toRules({ tpm: 10, cost_month: '12.5', addresses: ['10.0.0.0/8'] })
  expect(toRules(fromRules(rules as never))).toEqual(rules)
  expect(setRules(rules as never)).toEqual([
    ['tpm', '10'],
    ['cost_month', '12.5'],
    ['addresses', '10.0.0.0/8'],
  ])
})
