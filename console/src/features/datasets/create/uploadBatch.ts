import type { Send } from '@/ui/upload/queue'

/** The files of one upload and how far they are, for the form around them. */
export interface Batch {
  arrived: readonly string[]
  moving: number
  failed: number
}

export const EMPTY_BATCH: Batch = { arrived: [], moving: 0, failed: 0 }

/** Tells of each step of each file. A file that is tried again is no longer a failed one. */
export function watched(send: Send, tell: (batch: Batch) => void): Send {
  const states = new Map<string, 'moving' | 'arrived' | 'failed'>()
  const put = (path: string, state: 'moving' | 'arrived' | 'failed' | null) => {
    if (state === null) states.delete(path)
    else states.set(path, state)
    const of = (wanted: string) =>
      [...states].flatMap(([name, is]) => (is === wanted ? [name] : []))
    tell({ arrived: of('arrived'), moving: of('moving').length, failed: of('failed').length })
  }
  return async (file, path, onProgress, signal) => {
    put(path, 'moving')
    try {
      await send(file, path, onProgress, signal)
      put(path, 'arrived')
    } catch (error) {
      put(path, signal.aborted ? null : 'failed')
      throw error
    }
  }
}
