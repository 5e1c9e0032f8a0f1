import { beforeEach, expect, test } from 'vitest'
import { fromJson, toChange, toJson } from './labelValue'
import { holderOf, keysOf, ownKeys, rebind, resetKeys } from './work/keymap'
import { shownKey } from './work/shownKey'

beforeEach(() => localStorage.clear())

test('labels go out as JSON and come back', () => {
  const rows = [
    { name: 'cat', colour: '#0072b2' },
    { name: '狗', colour: '#e69f00' },
  ]
  expect(fromJson(toJson(rows))).toEqual(rows)
  expect(fromJson('["a", {"name": "b", "color": "#FF0000"}, {"name": "c", "colour": 3}]')).toEqual([
    { name: 'a', colour: null },
    { name: 'b', colour: '#FF0000' },
    { name: 'c', colour: null },
  ])
  expect(fromJson('{"name": "a"}')).toBeNull()
  expect(fromJson('nothing')).toBeNull()
})

test('another name is a rename, the name of another label a merge', () => {
  const rows = [
    { name: 'blood', colour: '#000001', was: 'RBC' },
    { name: 'cell', colour: '#000002', was: 'WBC' },
    { name: 'cell', colour: '#000003', was: 'cell' },
    { name: ' new ', colour: null },
    { name: '', colour: null },
  ]
  expect(toChange(rows)).toEqual({
    labels: [
      { name: 'blood', colour: '#000001' },
      { name: 'cell', colour: '#000003' },
      { name: 'new', colour: null },
    ],
    renames: { RBC: 'blood', WBC: 'cell' },
  })
})

test('a key has one command in a console, and another console may have it, too', () => {
  expect(holderOf('r', 'polygon', ownKeys())).toBe('rectangle')
  rebind('polygon', 'r')
  expect(keysOf('polygon', ownKeys())).toEqual(['r'])
  expect(keysOf('rectangle', ownKeys())).toEqual(['Ctrl+1'])
  rebind('clear', 'b') // of the classification grid; the brush is elsewhere
  expect(keysOf('brush', ownKeys())).toEqual(['b'])
  resetKeys()
  expect(keysOf('rectangle', ownKeys())).toEqual(['r', 'Ctrl+1'])
})

test('what somebody else left in the storage does no harm', () => {
  localStorage.setItem('slipway.label.keys', '{"rectangle": 3, "polygon": ["q"], "nothing": ["x"]}')
  expect(keysOf('rectangle', ownKeys())).toEqual(['r', 'Ctrl+1'])
  expect(keysOf('polygon', ownKeys())).toEqual(['q'])
})

test('keys are written as people write them', () => {
  expect(['Ctrl+Shift+z', '+', 'Ctrl++', 'ArrowLeft', 'Escape', '?'].map(shownKey)).toEqual([
    'Ctrl+Shift+Z',
    '+',
    'Ctrl++',
    '←',
    'Esc',
    '?',
  ])
})
