import { expect, test } from 'vitest'
import { copiedValues, evaluationForm, freshModel, freshValues, parameters } from './values'

test.each([
  ['', {}],
  ['{"temperature": 0}', { temperature: 0 }],
  ['[1]', null],
  ['{', null],
])('parameters %s are read as %j', (written, read) => expect(parameters(written)).toEqual(read))

test('a key goes only with a third party, and only where one is given', () => {
  const model = { ...freshModel(), ref: 'ms-1', base_url: 'https://x', model: 'm', api_key: 'k' }
  const body = evaluationForm({
    ...freshValues(),
    models: [model, { ...model, kind: 'third_party' }, { ...freshModel(), kind: 'third_party' }],
  })
  expect(body.models.map(({ ref, base_url, api_key }) => [ref, base_url, api_key])).toEqual([
    ['ms-1', '', null],
    ['', 'https://x', 'k'],
    ['', '', null],
  ])
})

test('a copy asks the same under another name', () => {
  const asked = evaluationForm({
    ...freshValues(),
    name: 'first',
    models: [{ ...freshModel(), ref: 'ms-1', params: '{"top_p":0.5}' }],
    sets: [{ kind: 'dataset', ref: 'ds-1', name: 'set', version: 2, format: 'qa', limit: 5 }],
  })
  const again = evaluationForm(copiedValues({ ...asked }, 'first'))
  expect(again).toMatchObject({ ...asked, name: 'first-copy' })
})
