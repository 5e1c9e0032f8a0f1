import { useEffect, useMemo } from 'react'

/** Nobody works who has not touched anything for this long. */
const IDLE_MS = 60_000

interface ActiveTime {
  /** Seconds of work since the last call. */
  take: () => number
  restart: () => void
}

class Watch implements ActiveTime {
  #counted = 0
  #seen = performance.now()

  touch = () => {
    const now = performance.now()
    if (!document.hidden) this.#counted += Math.min(now - this.#seen, IDLE_MS)
    this.#seen = now
  }

  take = () => {
    this.touch()
    const seconds = Math.round(this.#counted / 100) / 10
    this.#counted = 0
    return seconds
  }

  restart = () => {
    this.#counted = 0
    this.#seen = performance.now()
  }
}

/** The time that a person spends on a record, without the breaks. */
export function useActiveTime(): ActiveTime {
  const watch = useMemo(() => new Watch(), [])
  useEffect(() => {
    const events = ['pointerdown', 'keydown', 'wheel'] as const
    for (const event of events) window.addEventListener(event, watch.touch, { passive: true })
    return () => {
      for (const event of events) window.removeEventListener(event, watch.touch)
    }
  }, [watch])
  return watch
}
