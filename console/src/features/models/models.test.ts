import { expect, test } from 'vitest'
import { entriesOf } from './files'
import { FIRST, readMetrics, toImportForm, toPublishForm } from './import/values'

const FILES = [
  { path: 'model/weights.pt', size_bytes: 100, sha256: 'a' },
  { path: 'model/part/2.pt', size_bytes: 20, sha256: 'b' },
  { path: 'config.json', size_bytes: 3, sha256: 'c' },
]

test('a folder of a version lists folders first, with all that is below them', () => {
  expect(
    entriesOf(FILES, '').map(({ path, size_bytes, count }) => [path, size_bytes, count]),
  ).toEqual([
    ['model/', 120, 2],
    ['config.json', 3, 1],
  ])
  expect(entriesOf(FILES, 'model/').map(({ name }) => name)).toEqual(['part', 'weights.pt'])
  expect(entriesOf(FILES, 'gone/')).toEqual([])
})

test.each([
  ['accuracy=0.93\nloss = 1e-3\n', { accuracy: 0.93, loss: 0.001 }],
  ['accuracy=good', 'accuracy=good'],
  ['a=1\nbetter than before', 'a=1\nbetter than before'],
  ['  \n', null],
])('metrics %j are read as figures, or kept as text', (words, expected) => {
  expect(readMetrics(words)).toEqual(expected)
})

test('an import asks for a new model or for a version of one, never both', () => {
  const values = { ...FIRST, source: 'b/chat', name: 'chat', model_id: 'm-1', format: 'ONNX' }
  const fresh = toImportForm(values)
  expect(fresh).toMatchObject({ name: 'chat', source: 'b/chat/' })
  expect(fresh).not.toHaveProperty('model_id')
  expect(fresh).not.toHaveProperty('save_root')
  const next = toPublishForm({ ...values, target: 'version' })
  expect(next).toEqual({ model_id: 'm-1', format: 'ONNX', tags: {} })
})
