import { expect, test } from 'vitest'
import { readConversation, type Conversation } from './conversation'

const turns = (read: Conversation | null) =>
  read?.turns.map(({ speaker, words }) => `${speaker}: ${words}`)

test('chat messages keep their order and their system prompt', () => {
  const read = readConversation({
    id: 7,
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: 'Hello' },
    ],
  })
  expect(turns(read)).toEqual(['system: Be kind.', 'user: Hi', 'assistant: Hello'])
  expect(read?.rest).toEqual([['id', 7]])
})

test('conversations name their speakers by from and value', () => {
  const conversations = [
    { from: 'human', value: 'A?' },
    { from: 'gpt', value: 'B.' },
  ]
  expect(turns(readConversation({ conversations }))).toEqual(['user: A?', 'assistant: B.'])
})

test('pairs of prompt and response are read with the system prompt first', () => {
  const read = readConversation({
    conversation: [{ prompt: 'Open?', response: '9 to 5.' }],
    system: 'A clerk.',
  })
  expect(turns(read)).toEqual(['system: A clerk.', 'user: Open?', 'assistant: 9 to 5.'])
})

test('instruction and input are one question; an empty input is none', () => {
  const read = readConversation({ instruction: 'Sort.', input: '2 1', output: '1 2' })
  expect(turns(read)).toEqual(['user: Sort.\n\n2 1', 'assistant: 1 2'])
  const plain = readConversation({ instruction: 'Sort.', input: '', output: 'x' })
  expect(turns(plain)).toEqual(['user: Sort.', 'assistant: x'])
  expect(plain?.rest).toEqual([])
})

test('a preference shows both answers', () => {
  const read = readConversation({
    conversations: [{ from: 'human', value: 'Q' }],
    chosen: { from: 'gpt', value: 'good' },
    rejected: { from: 'gpt', value: 'bad' },
  })
  expect(turns(read)).toEqual(['user: Q', 'chosen: good', 'rejected: bad'])
})

test('what follows no known form is left as fields', () => {
  expect(readConversation({ label: 3, points: [1, 2] })).toBeNull()
  const strange = readConversation({ messages: [{ who: 'x' }], text: 'T' })
  expect(turns(strange)).toEqual(['text: T'])
  expect(strange?.rest).toEqual([['messages', [{ who: 'x' }]]])
})
