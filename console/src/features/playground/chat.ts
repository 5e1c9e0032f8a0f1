import { problemFrom, requestHeaders, rethrowUnreachable } from '@/api/client'
import { Problem } from '@/base/problem'
import { eventData } from './sse'
import type { Message, Parameters, Stats } from './types'

interface Chunk {
  choices?: { delta?: { content?: string | null } }[]
  usage?: { completion_tokens?: number } | null
  error?: { message?: string }
}

export type Progress = Pick<Message, 'content' | 'stats'>

/** The request: persona first, then what was said, without answers that failed. */
export function requestBody(parameters: Parameters, messages: readonly Message[]) {
  const { system, ...sampling } = parameters
  const chosen = Object.entries(sampling).filter(([, value]) => value !== null)
  const said = messages
    .filter(({ role, content }) => role === 'user' || content !== '')
    .map(({ role, content }) => ({ role, content }))
  return {
    ...Object.fromEntries(chosen),
    messages: [...(system.trim() === '' ? [] : [{ role: 'system', content: system }]), ...said],
    stream: true,
    stream_options: { include_usage: true },
  }
}

/** Asks, and tells the answer as it grows. A stop keeps what has come; so does a failure. */
export async function ask(
  service: string,
  body: object,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Message> {
  const began = performance.now()
  let content = ''
  const stats: Stats = { tokens: null, firstMs: null, totalMs: 0 }
  const message = (): Message => ({
    role: 'assistant',
    content,
    stats: { ...stats, totalMs: performance.now() - began },
  })
  try {
    for await (const chunk of chunksOf(service, body, signal)) {
      const words = chunk.choices?.[0]?.delta?.content ?? ''
      if (words !== '') stats.firstMs ??= performance.now() - began
      content += words
      stats.tokens = chunk.usage?.completion_tokens ?? stats.tokens
      if (words !== '') onProgress(message())
    }
    return message()
  } catch (error) {
    if (signal.aborted) return { ...message(), stopped: true }
    return { ...message(), problem: error instanceof Error ? error.message : String(error) }
  }
}

async function* chunksOf(
  service: string,
  body: object,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const response = await fetch(`/api/v1/services/${encodeURIComponent(service)}/chat`, {
    method: 'POST',
    headers: { ...requestHeaders('POST'), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  }).catch(rethrowUnreachable)
  if (!response.ok || response.body === null) {
    throw problemFrom(response.status, await response.json().catch(() => null))
  }
  for await (const data of eventData(response.body)) {
    if (data === '[DONE]') return
    const chunk = JSON.parse(data) as Chunk
    // The status was sent before the failure: it comes as an event.
    if (chunk.error) throw new Problem(502, 'upstream', chunk.error.message ?? data)
    yield chunk
  }
}

/** Tokens a second after the first; null where there are too few to tell. */
export function speedOf({ tokens, firstMs, totalMs }: Stats): number | null {
  if (tokens === null || tokens < 2 || firstMs === null) return null
  const seconds = (totalMs - firstMs) / 1000
  return seconds > 0 ? (tokens - 1) / seconds : null
}
