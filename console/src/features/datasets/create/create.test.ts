import { expect, test } from 'vitest'
import { Problem } from '@/base/problem'
import { ALL_KINDS, KINDS } from '../kinds'
import { parseCsv, proposeColumns } from './csv'
import { layoutOf } from './layouts'
import { watched, type Batch } from './uploadBatch'
import { FIRST, toForm, type Values } from './values'

const signal = () => new AbortController().signal
const file = new File(['x'], 'x')

test('quoted cells hold commas, line ends and quotes', () => {
  expect(parseCsv('\uFEFFa,b\r\n"1, 2","say ""hi""\nthere"\n,\n')).toEqual([
    ['a', 'b'],
    ['1, 2', 'say "hi"\nthere'],
    ['', ''],
  ])
})

test('columns are proposed from the header and the values, a cut last row left out', () => {
  const start = 'id,price,ok,name\n1,2.5,true,x\n2,.5,FALSE,\n3,broken'
  expect(proposeColumns(start, true)).toEqual([
    { name: 'id', type: 'int' },
    { name: 'price', type: 'float' },
    { name: 'ok', type: 'bool' },
    { name: 'name', type: 'string' },
  ])
  expect(proposeColumns('1,x\n2,y', false)).toEqual([
    { name: 'column_1', type: 'int' },
    { name: 'column_2', type: 'string' },
  ])
})

test('choices that belong to another kind are not sent', () => {
  const values: Values = {
    ...FIRST,
    kind: 'llm',
    name: 'talks',
    address: ' b/raw ',
    label_format: 'voc',
    own_columns: true,
    columns: [{ name: 'a', type: 'int' }],
    tags: [
      { key: 'team', value: 'x' },
      { key: '', value: '' },
    ],
  }
  expect(toForm(values)).toMatchObject({
    address: 'b/raw',
    label_format: 'none',
    tags: { team: 'x' },
    table: { columns: [] },
  })
  expect(toForm({ ...values, kind: 'table' }).table?.columns).toHaveLength(1)
  expect(toForm({ ...values, kind: 'table', own_columns: false }).table?.columns).toEqual([])
})

test('each kind and each of its label formats has a drawing of the files', () => {
  for (const kind of ALL_KINDS) {
    for (const format of KINDS[kind].labelFormats) {
      expect(layoutOf(kind, format).tree).toMatch(/\/\n[├└]── /)
    }
  }
  expect(layoutOf('object_detection', 'coco').example?.code).not.toContain('segmentation')
  const outlines = layoutOf('image_segmentation', 'coco').example?.code ?? ''
  expect(JSON.parse(outlines)).toHaveProperty('annotations.0.segmentation')
})

test('the form knows which files are under way, arrived and failed', async () => {
  const told: Batch[] = []
  let fails = true
  const send = watched(
    () => (fails ? Promise.reject(new Problem(0, 'unreachable', '')) : Promise.resolve()),
    (batch) => told.push(batch),
  )
  await expect(send(file, 'a.jsonl', () => undefined, signal())).rejects.toThrow()
  expect(told.at(-1)).toEqual({ arrived: [], moving: 0, failed: 1 })
  fails = false
  const again = send(file, 'a.jsonl', () => undefined, signal())
  expect(told.at(-1)).toEqual({ arrived: [], moving: 1, failed: 0 })
  await again
  expect(told.at(-1)).toEqual({ arrived: ['a.jsonl'], moving: 0, failed: 0 })
})
