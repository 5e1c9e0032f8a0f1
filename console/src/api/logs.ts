import type { Problem } from '@/base/problem'
import { apiUrl, problemFrom, requestHeaders, rethrowUnreachable } from './client'

/** A line as the API writes it, and as the log view takes it. */
interface WireLine {
  time: string
  instance_id: string
  category: string
  text: string
}

type Category = 'platform' | 'health' | 'code'
type Status = 'away' | 'live' | 'ended'

interface Line {
  time: string
  instance: string
  category: Category
  text: string
}

interface Handlers {
  onLines: (lines: Line[]) => void
  onStatus: (status: Status) => void
}

const RETRY_MS = 1_500
const OLDER_LINES = 100
const BEGINNING = '1970-01-01T00:00:00Z'
/** A long log is not fetched from its beginning to show its end. */
const TAIL_BYTES = 2_000_000

/**
 * The log at `path` (`/api/v1/training/tasks/<id>/logs`), live from `<path>/stream`.
 * `query` narrows both, for example to one instance.
 */
export function restLogSource(path: string, query: Record<string, string> = {}) {
  return {
    follow: (handlers: Handlers) => follow(`${path}/stream`, query, handlers),
    older: (before: string) => older(path, query, before),
    find: (question: Question, cursor: string | null) => find(path, query, question, cursor),
    downloadUrl: apiUrl(`${path}/download`, query),
  }
}

interface Question {
  words: string
  categories: readonly Category[]
  start: string | null
  end: string | null
}

async function find(
  path: string,
  query: Record<string, string>,
  { words, categories, start, end }: Question,
  cursor: string | null,
) {
  const asked: Record<string, string> = { ...query, start: start ?? BEGINNING }
  if (words !== '') asked.search = words
  if (end !== null) asked.end = end
  if (cursor !== null) asked.cursor = cursor
  const url = new URL(apiUrl(path, asked), window.location.origin)
  for (const one of categories) {
    url.searchParams.append('category', one === 'health' ? 'health_check' : one)
  }
  const page = await readPage(url.toString())
  return { lines: page.items.map(fromWire).reverse(), cursor: page.next_cursor }
}

async function readPage(url: string): Promise<{ items: WireLine[]; next_cursor: string | null }> {
  const response = await fetch(url, { headers: requestHeaders('GET') }).catch(rethrowUnreachable)
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemFrom(response.status, body) satisfies Problem
  return body as { items: WireLine[]; next_cursor: string | null }
}

function follow(path: string, query: Record<string, string>, handlers: Handlers): () => void {
  let cursor: string | null = null
  let source: EventSource | null = null
  let timer: number | undefined
  const connect = () => {
    const from: Record<string, string> =
      cursor === null ? { tail_bytes: String(TAIL_BYTES) } : { cursor }
    source = new EventSource(apiUrl(path, { ...query, ...from }))
    source.onopen = () => handlers.onStatus('live')
    source.onmessage = (message) => {
      cursor = message.lastEventId
      handlers.onLines((JSON.parse(String(message.data)) as WireLine[]).map(fromWire))
    }
    source.addEventListener('end', () => {
      source?.close()
      handlers.onStatus('ended')
    })
    source.onerror = () => {
      source?.close()
      handlers.onStatus('away')
      timer = window.setTimeout(connect, RETRY_MS)
    }
  }
  connect()
  return () => {
    window.clearTimeout(timer)
    source?.close()
  }
}

async function older(path: string, query: Record<string, string>, before: string) {
  const url = apiUrl(path, {
    ...query,
    start: BEGINNING,
    end: before,
    order: 'DESC',
    limit: String(OLDER_LINES),
  })
  const page = await readPage(url)
  return { lines: page.items.map(fromWire).reverse(), more: page.next_cursor !== null }
}

function fromWire({ time, instance_id, category, text }: WireLine): Line {
  return { time, instance: instance_id, category: CATEGORIES[category] ?? 'code', text }
}

const CATEGORIES: Record<string, Category> = {
  platform: 'platform',
  health: 'health',
  health_check: 'health',
  code: 'code',
}
