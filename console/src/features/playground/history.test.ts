import { beforeEach, expect, test } from 'vitest'
import { asMarkdown, fileName } from './exports'
import { forget, forgetAll, keep, MOST, readHistory, rename } from './history'
import { NO_PARAMETERS, type Conversation } from './types'

beforeEach(forgetAll)

function chat(id: string): Conversation {
  const messages = [
    { role: 'user' as const, content: 'Hi' },
    { role: 'assistant' as const, content: 'Hello' },
  ]
  const sides = [{ service: 'ms-1', serviceName: 'chat', messages }]
  return { id, title: `Chat ${id}`, updated: '2026-01-01', parameters: NO_PARAMETERS, sides }
}

const ids = () => readHistory().map(({ id }) => id)

test('the last one kept stands first, once, and survives in the browser', () => {
  keep(chat('a'))
  keep(chat('b'))
  keep(chat('a'))
  expect(ids()).toEqual(['a', 'b'])
  expect(JSON.parse(localStorage.getItem('slipway.playground') ?? '')).toHaveLength(2)
})

test('the oldest go when there are too many', () => {
  for (let at = 0; at <= MOST; at += 1) keep(chat(String(at)))
  expect(ids()).toHaveLength(MOST)
  expect(ids()).not.toContain('0')
})

test('a conversation is renamed and forgotten', () => {
  keep(chat('a'))
  rename('a', 'Better')
  expect(readHistory()[0]?.title).toBe('Better')
  forget('a')
  expect(ids()).toEqual([])
})

test('an export has who said what', () => {
  expect(asMarkdown(chat('a'))).toContain('### User\n\nHi\n\n### Assistant\n\nHello')
  expect(fileName('a/b: c?', 'md')).toBe('a-b-c.md')
})
