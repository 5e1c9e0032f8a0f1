import { useMemo, useState } from 'react'
import type { Session } from '../work/useSession'
import { begin, redone, step, undone, type History } from './history'
import { shapesOf, type Shape } from './shapes'

interface Drawn {
  shapes: readonly Shape[]
  selected: number | null
}

/** The shapes of the record as steps that can be undone; each step goes to the session to be saved. */
export function useShapes(session: Session) {
  const { record, value, setValue } = session
  const of = record?.index
  const [kept, setKept] = useState<{ of: number; history: History<Drawn> } | null>(null)
  const fresh = useMemo(() => begin<Drawn>({ shapes: shapesOf(value), selected: null }), [value])
  const own = kept !== null && kept.of === of ? kept.history : null
  // What another saved, or an older version that was taken, begins anew.
  const history = own !== null && own.now.shapes === value.boxes ? own : fresh
  const { shapes, selected } = history.now
  const put = (next: History<Drawn>) => {
    if (of === undefined) return
    setKept({ of, history: next })
    if (next.now.shapes !== value.boxes) setValue({ boxes: next.now.shapes })
  }
  return {
    shapes,
    selected,
    select: (index: number | null) => put({ ...history, now: { ...history.now, selected: index } }),
    change: (next: readonly Shape[], chosen: number | null) =>
      session.readOnly ? undefined : put(step(history, { shapes: next, selected: chosen })),
    undo: () => put(undone(history)),
    redo: () => put(redone(history)),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  }
}
