import { isAbort } from '@/base/problem'

export type UploadState = 'waiting' | 'sending' | 'done' | 'stopped' | 'failed'

export interface UploadItem {
  id: number
  file: File
  /** Path below the place of the upload: the name, or the way through a dropped folder. */
  path: string
  state: UploadState
  sentBytes: number
  error: unknown
}

/** Sends one file; `uploadFile` in `@/api/uploads` does so and resumes after a break. */
export type Send = (
  file: File,
  path: string,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
) => Promise<void>

const AT_ONCE = 3

/** Files on their way. Outlives re-renders; listeners are told when anything moved. */
export class UploadQueue {
  private items: readonly UploadItem[] = []
  private stops = new Map<number, AbortController>()
  private listeners = new Set<() => void>()
  private nextId = 1
  private readonly send: Send
  private readonly onDone: () => void

  constructor(send: Send, onDone: () => void) {
    this.send = send
    this.onDone = onDone
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  read = (): readonly UploadItem[] => this.items

  add(files: readonly { file: File; path: string }[]): void {
    const added = files.map(({ file, path }): UploadItem => {
      return { id: this.nextId++, file, path, state: 'waiting', sentBytes: 0, error: null }
    })
    this.publish([...this.items, ...added])
    this.startNext()
  }

  stop(id: number): void {
    this.stops.get(id)?.abort()
    this.change(id, { state: 'stopped' })
  }

  retry(id: number): void {
    this.change(id, { state: 'waiting', error: null, sentBytes: 0 })
    this.startNext()
  }

  clearFinished(): void {
    this.publish(this.items.filter(({ state }) => state === 'waiting' || state === 'sending'))
  }

  private startNext(): void {
    const sending = this.items.filter(({ state }) => state === 'sending').length
    const waiting = this.items.filter(({ state }) => state === 'waiting')
    for (const item of waiting.slice(0, Math.max(AT_ONCE - sending, 0))) void this.start(item)
  }

  private async start(item: UploadItem): Promise<void> {
    const stop = new AbortController()
    this.stops.set(item.id, stop)
    this.change(item.id, { state: 'sending' })
    const progress = (sentBytes: number) => this.change(item.id, { sentBytes })
    try {
      await this.send(item.file, item.path, progress, stop.signal)
      this.change(item.id, { state: 'done', sentBytes: item.file.size })
      this.onDone()
    } catch (error) {
      this.change(item.id, isAbort(error) ? { state: 'stopped' } : { state: 'failed', error })
    } finally {
      this.stops.delete(item.id)
      this.startNext()
    }
  }

  private change(id: number, part: Partial<UploadItem>): void {
    this.publish(this.items.map((item) => (item.id === id ? { ...item, ...part } : item)))
  }

  private publish(items: readonly UploadItem[]): void {
    this.items = items
    for (const listener of this.listeners) listener()
  }
}
