import { problemFrom, requestHeaders, rethrowUnreachable } from '@/api/client'
import { Problem } from '@/base/problem'
import { eventData } from './sse'
import type { RequestBody } from './request'
import { NO_ANSWER, type Answer, type Kind } from './types'

interface Chunk {
  choices?: {
    delta?: Said
    message?: Said
    finish_reason?: string | null
  }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null
  error?: { code?: string; message?: string }
}

interface Said {
  content?: string | null
  reasoning_content?: string | null
  reasoning?: string | null
}

interface Drawn {
  data?: { b64_json?: string; url?: string }[]
}

export interface Place {
  conversation_id: string
  side: number
  position: number
}

export interface Question {
  service: string
  kind: Kind
  body: RequestBody
  /** null: nothing is kept. */
  place: Place | null
}

/** As often as the page is drawn anew while an answer comes. */
const SHOW_EVERY_MS = 40

/** Asks, and tells the answer as it grows. A stop keeps what has come; so does a failure. */
export async function ask(
  question: Question,
  signal: AbortSignal,
  onProgress: (answer: Answer) => void,
): Promise<Answer> {
  const began = performance.now()
  const answer: Answer = { ...NO_ANSWER }
  const now = () => performance.now() - began
  let shown = 0
  const show = () => {
    if (now() - shown < SHOW_EVERY_MS) return
    shown = now()
    onProgress({ ...answer, totalMs: shown })
  }
  const end = (state: Answer['state']): Answer => ({ ...answer, state, totalMs: now() })
  try {
    const response = await send(question, signal)
    answer.turnId = response.headers.get('x-slipway-turn')
    if (!response.ok || response.body === null) {
      throw problemFrom(response.status, await response.json().catch(() => null))
    }
    if (!(response.headers.get('content-type') ?? '').includes('event-stream')) {
      takeWhole(answer, (await response.json()) as Chunk & Drawn, now)
      return end('done')
    }
    let ended = false
    for await (const data of eventData(response.body)) {
      if (data === '[DONE]') ended = true
      else ended = take(answer, JSON.parse(data) as Chunk, now) || ended
      show()
    }
    if (!ended) throw new Problem(502, 'broken_off', 'The answer ended before it was complete.')
    return end('done')
  } catch (error) {
    if (signal.aborted) return end('stopped')
    answer.problem = problemOf(error)
    return end('failed')
  }
}

function send({ service, kind, body, place }: Question, signal: AbortSignal): Promise<Response> {
  return fetch('/api/v1/playground/answers', {
    method: 'POST',
    headers: { ...requestHeaders('POST'), 'Content-Type': 'application/json' },
    body: JSON.stringify({ service_id: service, kind, request: body, place }),
    signal,
  }).catch(rethrowUnreachable)
}

/** Whether the model says that it has ended. */
function take(answer: Answer, chunk: Chunk, now: () => number): boolean {
  // The status was sent before the failure: it comes as an event.
  if (chunk.error) {
    throw new Problem(502, chunk.error.code ?? 'upstream', chunk.error.message ?? '')
  }
  const choice = chunk.choices?.[0]
  const said = choice?.delta ?? choice?.message
  const words = said?.content ?? ''
  const thought = said?.reasoning_content ?? said?.reasoning ?? ''
  if (words !== '' || thought !== '') answer.firstMs ??= now()
  answer.text += words
  answer.reasoning += thought
  answer.promptTokens = chunk.usage?.prompt_tokens ?? answer.promptTokens
  answer.tokens = chunk.usage?.completion_tokens ?? answer.tokens
  answer.finish = choice?.finish_reason ?? answer.finish
  return answer.finish !== ''
}

function takeWhole(answer: Answer, body: Chunk & Drawn, now: () => number): void {
  take(answer, body, now)
  answer.results = (body.data ?? []).flatMap(({ b64_json: encoded, url }) =>
    encoded !== undefined ? [`data:image/png;base64,${encoded}`] : url !== undefined ? [url] : [],
  )
}

function problemOf(error: unknown) {
  if (error instanceof Problem) {
    return { status: error.status, code: error.code, message: error.message }
  }
  return { status: 0, code: '', message: error instanceof Error ? error.message : String(error) }
}

/** Tokens a second after the first; null where there are too few to tell. */
export function speedOf({
  tokens,
  firstMs,
  totalMs,
}: Pick<Answer, 'tokens' | 'firstMs' | 'totalMs'>): number | null {
  if (tokens === null || tokens < 2 || firstMs === null || totalMs === null) return null
  const seconds = (totalMs - firstMs) / 1000
  return seconds > 0 ? (tokens - 1) / seconds : null
}
