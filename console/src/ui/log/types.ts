export type LogCategory = 'platform' | 'health' | 'code'
export type LogStatus = 'away' | 'live' | 'ended'

export interface LogLine {
  /** RFC 3339 with microseconds, as written. */
  time: string
  category: LogCategory
  text: string
  /** Which instance wrote it; shown where there are several. */
  instance: string
}

export interface LogHandlers {
  onLines: (lines: LogLine[]) => void
  onStatus: (status: LogStatus) => void
}

/** Where lines come from. `restLogSource` in `@/api/logs` makes one of two API addresses. */
export interface LogSource {
  /** Lines as they are written, oldest first, reconnecting by itself. Returns how to stop. */
  follow: (handlers: LogHandlers) => () => void
  /** Lines before a time, oldest first. */
  older: (before: string) => Promise<{ lines: LogLine[]; more: boolean }>
  /** The whole log as a file. */
  downloadUrl?: string
}

/** A search on the server. Words may hold `*` and `?`; times are RFC 3339, null for the whole log. */
export interface LogQuestion {
  words: string
  categories: readonly LogCategory[]
  start: string | null
  end: string | null
}

/** Oldest first; a cursor where there are older ones. */
export interface FoundLines {
  lines: readonly LogLine[]
  cursor: string | null
}
