import { useEffect } from 'react'
import type { QueryClient } from '@tanstack/react-query'
import { apiUrl } from './client'
import type { Schema } from './types'

export type LiveEvent = Schema<'EventPage'>['items'][number]
type Listener = (event: LiveEvent) => void

const RETRY_FIRST_MS = 500
const RETRY_LAST_MS = 15_000
/** Browsers allow six connections a host over all tabs, so a tab nobody sees gives its own back. */
const HIDDEN_GRACE_MS = 20_000
/** Events come in bursts; one refresh answers a burst. */
const GATHER_MS = 250

const listeners = new Set<Listener>()

function onAnyEvent(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * The one live stream of this tab. It remembers the last event seen, and after a break asks for
 * what came since, so nothing is missed and nothing needs polling.
 */
export class EventStream {
  private source: EventSource | null = null
  private cursor: number | null
  private retryMs = RETRY_FIRST_MS
  private timer: number | undefined
  private stopped = false

  constructor(cursor: number | null = null) {
    this.cursor = cursor
    document.addEventListener('visibilitychange', this.onVisibility)
    this.connect()
  }

  close(): void {
    this.stopped = true
    document.removeEventListener('visibilitychange', this.onVisibility)
    this.disconnect()
  }

  private connect(): void {
    if (this.stopped || this.source !== null) return
    const source = new EventSource(streamUrl(this.cursor))
    source.onopen = () => (this.retryMs = RETRY_FIRST_MS)
    source.onmessage = (message) => this.receive(String(message.data))
    source.onerror = () => this.retryLater()
    this.source = source
  }

  private receive(data: string): void {
    const event = JSON.parse(data) as LiveEvent
    this.cursor = event.seq
    for (const listener of listeners) listener(event)
  }

  // The browser's own retry would ask again from the first cursor; ours asks from the last.
  private retryLater(): void {
    this.disconnect()
    this.timer = window.setTimeout(() => this.connect(), this.retryMs)
    this.retryMs = Math.min(this.retryMs * 2, RETRY_LAST_MS)
  }

  private disconnect(): void {
    window.clearTimeout(this.timer)
    this.source?.close()
    this.source = null
  }

  private onVisibility = (): void => {
    window.clearTimeout(this.timer)
    if (document.visibilityState === 'visible') this.connect()
    else this.timer = window.setTimeout(() => this.disconnect(), HIDDEN_GRACE_MS)
  }
}

function streamUrl(cursor: number | null): string {
  return apiUrl('/api/v1/events/stream', cursor === null ? {} : { cursor: String(cursor) })
}

/** Keeps the stream open while mounted, and refreshes the queries that its events touch. */
export function useEventStream(client: QueryClient, cursor: number | null): void {
  useEffect(() => {
    const gathered: LiveEvent[] = []
    let timer: number | undefined
    const unsubscribe = onAnyEvent((event) => {
      gathered.push(event)
      timer ??= window.setTimeout(() => {
        timer = undefined
        refresh(client, gathered.splice(0))
      }, GATHER_MS)
    })
    const stream = new EventStream(cursor)
    return () => {
      unsubscribe()
      window.clearTimeout(timer)
      stream.close()
    }
  }, [client, cursor])
}

/** Calls back for each event about one object, or, with id null, about one kind of object. */
export function useEvents(kind: string, id: string | null, onEvent: Listener): void {
  useEffect(
    () =>
      onAnyEvent((event) => {
        if (event.subject_kind === kind && (id === null || event.subject_id === id)) onEvent(event)
      }),
    [kind, id, onEvent],
  )
}

/** Queries with `meta.touchedByEvents` show what any event may change, as the overview does. */
function refresh(client: QueryClient, events: readonly LiveEvent[]): void {
  const subjects = events.flatMap(subjectsOf)
  const kinds = new Set(subjects.map(({ kind }) => kind))
  const ids = new Set(subjects.map(({ id }) => id))
  void client.invalidateQueries({
    predicate: ({ queryKey: [kind, , id], meta }) =>
      meta?.touchedByEvents === true ||
      (kinds.has(String(kind)) && (id === 'list' || ids.has(String(id)))),
  })
}

/** A model's page and list show its versions: what happens to one happens to the other. */
function subjectsOf({ subject_kind: kind, subject_id: id, data }: LiveEvent) {
  const own = { kind, id }
  const isVersion = kind === 'model_version' && typeof data.model_id === 'string'
  return isVersion ? [own, { kind: 'model', id: String(data.model_id) }] : [own]
}
