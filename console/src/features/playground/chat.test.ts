import { expect, test } from 'vitest'
import { codeSamples, python } from './code'
import { requestBody } from './request'
import { ratioOf, sizesByRatio } from './sizes'
import { splitThought } from './thought'
import { NO_ANSWER, type Conversation, type Side, type Turn } from './types'

const turn = (question: string, text: string, more: Partial<Turn> = {}): Turn => ({
  question,
  pictures: [],
  answer: { ...NO_ANSWER, state: 'done', text },
  ...more,
})
const side: Side = {
  slot: 0,
  service: 'ms-1',
  serviceName: 'one',
  turns: [turn('a', 'b'), turn('failed', ''), turn('c', '')],
}
const conversation: Conversation = {
  id: null,
  kind: 'chat',
  title: '',
  persona: ' You are brief. ',
  parameters: { temperature: 0.5, top_k: 3 },
  sides: [side],
}

test('persona first, what was answered after it, the question last', () => {
  expect(requestBody(conversation, side.turns, () => '')).toEqual({
    messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ],
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    top_k: 3,
  })
})

test('pictures go along as parts, a description as a prompt', () => {
  const seen = turn('what?', '', {
    pictures: [{ url: 'blob:1', data: 'data:image/png;base64,AA' }],
  })
  const body = requestBody({ ...conversation, persona: '' }, [seen], ({ data = '' }) => data)
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'what?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
      ],
    },
  ])
  const drawn = requestBody(
    { kind: 'image', persona: '', parameters: { n: 2 } },
    [turn('sea', '')],
    () => '',
  )
  expect(drawn).toEqual({ prompt: 'sea', response_format: 'b64_json', n: 2 })
})

test('code names the key by a variable, and what the client does not know stands apart', () => {
  const service = { url: 'http://h/ms-1/v1/chat/completions', model: 'one', auth: true }
  const [curl, requests, openai] = codeSamples(conversation, side, service)
  expect(curl?.code).toContain('"Authorization: Bearer $SLIPWAY_KEY"')
  expect(requests?.code).toContain('os.environ["SLIPWAY_KEY"]')
  expect(openai?.code).toContain('base_url="http://h/ms-1/v1"')
  expect(openai?.code).toContain('extra_body={\n        "top_k": 3,\n    }')
  const quoted = { ...side, turns: [turn("it's", '')] }
  expect(codeSamples(conversation, quoted, service)[0]?.code).toContain("it'\\''s")
  expect(python({ a: [true, null, 'x'], b: {} })).toBe(
    '{\n    "a": [\n        True,\n        None,\n        "x",\n    ],\n    "b": {},\n}',
  )
})

test('reasoning stands apart, in its own field or between tags', () => {
  const of = (text: string, more = {}) => splitThought({ ...NO_ANSWER, text, ...more })
  expect(of('yes', { reasoning: 'hm', state: 'done' })).toEqual({
    thought: 'hm',
    words: 'yes',
    thinking: false,
  })
  expect(of('<think>hm')).toEqual({ thought: 'hm', words: '', thinking: true })
  expect(of('<think>hm</think>\n\nyes')).toEqual({ thought: 'hm', words: 'yes', thinking: false })
  expect(of('hm</think>yes').words).toBe('yes')
  expect(of('plain').words).toBe('plain')
})

test('sizes are picked by their shape', () => {
  expect(ratioOf('360x640')).toBe('9:16')
  const found = sizesByRatio(['1024x1024', '512x512', '1280x720', '640x360', '480x640', 'odd'])
  expect([...found.keys()]).toEqual(['3:4', '1:1', '16:9'])
  expect(found.get('16:9')).toEqual(['640x360', '1280x720'])
})
