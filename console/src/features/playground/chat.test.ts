import { expect, test, vi } from 'vitest'
import { ask, requestBody, speedOf } from './chat'
import { eventData } from './sse'
import { NO_PARAMETERS } from './types'

function streamOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
}

const bytes = (words: string) => new TextEncoder().encode(words)
const chunk = (content: string) => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`

function answerWith(body: ReadableStream<Uint8Array> | string, status = 200) {
  return vi.spyOn(window, 'fetch').mockResolvedValue(new Response(body, { status }))
}

test('events are found however the bytes are cut, also inside a character', async () => {
  const all = bytes(': note\n\ndata: 你好\n\ndata: two\r\n\r\ndata: last')
  const pieces = Array.from(all, (byte) => new Uint8Array([byte]))
  const found: string[] = []
  for await (const data of eventData(streamOf(...pieces))) found.push(data)
  expect(found).toEqual(['你好', 'two', 'last'])
})

test('an answer grows, and ends with the count of its tokens', async () => {
  const usage = 'data: {"choices":[],"usage":{"completion_tokens":7}}\n\ndata: [DONE]\n\n'
  const fetched = answerWith(streamOf(bytes(chunk('Hel') + chunk('lo') + usage)))
  const seen: string[] = []
  const message = await ask('ms-1', {}, new AbortController().signal, ({ content }) =>
    seen.push(content),
  )
  expect(seen).toEqual(['Hel', 'Hello'])
  expect(message).toMatchObject({ role: 'assistant', content: 'Hello', stats: { tokens: 7 } })
  expect(message.problem).toBeUndefined()
  expect(fetched.mock.calls[0]?.[0]).toBe('/api/v1/services/ms-1/chat')
})

test('a stop keeps what has come', async () => {
  const stopper = new AbortController()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes(chunk('Half')))
      stopper.signal.addEventListener('abort', () => controller.error(stopper.signal.reason))
    },
  })
  answerWith(body)
  const message = await ask('ms-1', {}, stopper.signal, () => stopper.abort())
  expect(message).toMatchObject({ content: 'Half', stopped: true })
  expect(message.problem).toBeUndefined()
})

test('a refusal says why', async () => {
  answerWith(JSON.stringify({ error: { code: 'no_gateway', message: 'No gateway.' } }), 503)
  const message = await ask('ms-1', {}, new AbortController().signal, () => undefined)
  expect(message).toMatchObject({ content: '', problem: 'No gateway.' })
})

test('a failure after the first words keeps them', async () => {
  answerWith(streamOf(bytes(`${chunk('Some')}data: {"error":{"message":"Out of memory."}}\n\n`)))
  const message = await ask('ms-1', {}, new AbortController().signal, () => undefined)
  expect(message).toMatchObject({ content: 'Some', problem: 'Out of memory.' })
})

test('the persona comes first; what is not set and answers without words are left out', () => {
  const body = requestBody({ ...NO_PARAMETERS, temperature: 0, system: 'A pirate' }, [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: '', problem: 'No gateway.' },
    { role: 'user', content: 'Again' },
  ])
  expect(body).toEqual({
    temperature: 0,
    messages: [
      { role: 'system', content: 'A pirate' },
      { role: 'user', content: 'Hi' },
      { role: 'user', content: 'Again' },
    ],
    stream: true,
    stream_options: { include_usage: true },
  })
})

test('the speed leaves out the wait for the first token', () => {
  expect(speedOf({ tokens: 11, firstMs: 500, totalMs: 1500 })).toBe(10)
  expect(speedOf({ tokens: null, firstMs: 500, totalMs: 1500 })).toBeNull()
})
