import { useEffect, useRef } from 'react'
import type { Session } from '../work/useSession'
import { carriedInto } from './onTrack'
import type { Shape } from './shapes'

type Change = (shapes: readonly Shape[], chosen: number | null) => void

/** Copies shapes into the next frame, with their tracks, and goes there. */
export function useCarried(session: Session, shapes: readonly Shape[], change: Change) {
  const coming = useRef<{ index: number; shapes: readonly Shape[] } | null>(null)
  const { record } = session
  useEffect(() => {
    const { current } = coming
    if (current === null || record?.index !== current.index) return
    coming.current = null
    const next = carriedInto(shapes, current.shapes)
    if (next.length > shapes.length || next.some((shape, at) => shape !== shapes[at])) {
      change(next, current.shapes.length === 1 ? next.length - 1 : null)
    }
  }, [record, shapes, change])
  return (taken: readonly Shape[]) => {
    if (record === null || taken.length === 0) return
    coming.current = { index: record.index + 1, shapes: taken }
    void session.go(record.index + 1).then((went) => {
      if (!went) coming.current = null
    })
  }
}
