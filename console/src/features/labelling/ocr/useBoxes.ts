import { useEffect, useMemo, useRef, useState } from 'react'
import { begin, redone, step, undone, type History } from '../canvas/history'
import type { Session } from '../work/useSession'
import { drawnOf, type Drawn } from './boxes'

interface Now extends Drawn {
  /** Numbers of the selected boxes; the last one is the one that fields and keys are about. */
  selected: readonly number[]
}

type Change = (now: Now) => Partial<Now>

/** The boxes of the record as steps that can be undone; each step goes to the session to be saved. */
export function useBoxes(session: Session) {
  const { record, value, setValue, readOnly } = session
  const of = record?.index
  const [kept, setKept] = useState<{ of: number; history: History<Now> } | null>(null)
  const fresh = useMemo(() => begin<Now>({ ...drawnOf(value), selected: [] }), [value])
  const own = kept !== null && kept.of === of ? kept.history : null
  // What another saved, or an older version that was taken, begins anew.
  const history = own !== null && own.now.boxes === value.boxes ? own : fresh
  // A key may follow a typed text at once: what it changes is what is there by then.
  const latest = useRef(history)
  useEffect(() => {
    latest.current = history
  })
  const put = (next: History<Now>) => {
    if (of === undefined) return
    const before = latest.current.now
    latest.current = next
    setKept({ of, history: next })
    if (next.now.boxes !== before.boxes) {
      setValue({ boxes: next.now.boxes, next_id: next.now.nextId })
    }
  }
  return {
    ...history.now,
    select: (selected: readonly number[]) =>
      put({ ...latest.current, now: { ...latest.current.now, selected } }),
    change: (by: Change) => {
      const { now } = latest.current
      if (!readOnly) put(step(latest.current, { ...now, ...by(now) }))
    },
    undo: () => put(undone(latest.current)),
    redo: () => put(redone(latest.current)),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  }
}

export type Boxes = ReturnType<typeof useBoxes>
