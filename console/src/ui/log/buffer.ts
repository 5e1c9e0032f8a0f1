import type { LogLine, LogSource, LogStatus } from './types'

/** More than anyone scrolls through; the file has the rest. */
export const MAX_LINES = 20_000

export interface LogSnapshot {
  lines: readonly LogLine[]
  status: LogStatus
  /** Lines before the first one are on the server only. */
  moreBefore: boolean
}

const EMPTY: LogSnapshot = { lines: [], status: 'away', moreBefore: false }

/** The lines of one view. They come in bursts, so readers are told at most once a frame. */
export class LogBuffer {
  private snapshot: LogSnapshot = EMPTY
  private pending: LogLine[] = []
  private frame: number | null = null
  private listeners = new Set<() => void>()
  private stopFollowing: (() => void) | null = null
  private readonly source: LogSource

  constructor(source: LogSource) {
    this.source = source
  }

  /** Follows the source while anyone looks. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    this.stopFollowing ??= this.start()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size > 0) return
      this.stopFollowing?.()
      this.stopFollowing = null
    }
  }

  read = (): LogSnapshot => this.snapshot

  async loadOlder(): Promise<void> {
    const first = this.snapshot.lines[0]
    if (first === undefined) return
    const { lines, more } = await this.source.older(first.time)
    const older = withoutKnown(lines, this.snapshot.lines)
    this.publish({ ...this.snapshot, lines: [...older, ...this.snapshot.lines], moreBefore: more })
  }

  /** A source begins at its beginning each time, and so does the view. */
  private start(): () => void {
    this.snapshot = EMPTY
    this.pending = []
    return this.source.follow({
      onLines: (lines) => this.append(lines),
      onStatus: (status) => this.publish({ ...this.snapshot, status }),
    })
  }

  private append(lines: LogLine[]): void {
    for (const line of lines) this.pending.push(line)
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      const all = [...this.snapshot.lines, ...this.pending]
      this.pending = []
      const over = all.length > MAX_LINES
      this.publish({
        ...this.snapshot,
        lines: over ? all.slice(-MAX_LINES) : all,
        moreBefore: this.snapshot.moreBefore || over,
      })
    })
  }

  private publish(snapshot: LogSnapshot): void {
    this.snapshot = snapshot
    for (const listener of this.listeners) listener()
  }
}

/** Several lines may share the time that was asked for, and some of them are here already. */
function withoutKnown(older: readonly LogLine[], known: readonly LogLine[]): LogLine[] {
  const time = known[0]?.time
  const held = new Set<string>()
  for (const line of known) {
    if (line.time !== time) break
    held.add(`${line.instance} ${line.text}`)
  }
  return older.filter((line) => line.time !== time || !held.has(`${line.instance} ${line.text}`))
}
