import { useEffect, useRef, useState } from 'react'
import { useNotify } from '@/ui/notify'
import type { Task } from '../queries'
import type { Session } from '../work/useSession'
import { covers, idOf, makeBox, outlineOf, type OcrBox } from './boxes'
import { readTexts, type Reading } from './queries'
import type { Boxes } from './useBoxes'

/** Has texts read; what comes is a draft like anything drawn, and can be undone. */
export function useReading(task: Task, session: Session, boxes: Boxes) {
  const notify = useNotify()
  const [waiting, setWaiting] = useState(0)
  const shown = useRef<number | undefined>(undefined)
  useEffect(() => {
    shown.current = session.record?.index
  })
  const read = async (points: readonly number[] | null, take: (found: Reading[]) => void) => {
    const index = session.record?.index
    if (index === undefined) return
    setWaiting((count) => count + 1)
    try {
      const { items } = await readTexts(task.id, index, points === null ? null : [...points])
      // Whoever went on to another image does not get this one's texts there.
      if (shown.current === index) take(items)
    } catch (error) {
      notify.problem(error)
    } finally {
      setWaiting((count) => count - 1)
    }
  }
  return {
    isReading: waiting > 0,
    whole: () =>
      read(null, (found) =>
        boxes.change(({ boxes: old, nextId }) => {
          const made = found.map((one, at) => boxOf(one, nextId + at))
          const added = made.filter((box) => !old.some((other) => covers(box, other)))
          return { boxes: [...old, ...added], nextId: nextId + made.length }
        }),
      ),
    one: (box: OcrBox) =>
      read(outlineOf(box), ([found]) => {
        if (found === undefined || found.text === '') return
        boxes.change(({ boxes: old }) => ({
          boxes: old.map((other) => (idOf(other) === idOf(box) ? withText(other, found) : other)),
        }))
      }),
  }
}

function boxOf({ points, text, confidence }: Reading, id: number): OcrBox {
  return makeBox(id, points, { text, ...(confidence === null ? {} : { confidence }) })
}

function withText(box: OcrBox, { text, confidence }: Reading): OcrBox {
  const { id, direction, descriptor } = box.attributes
  const told = confidence === null ? {} : { confidence }
  return { ...box, attributes: { id, direction, descriptor, text, ...told } }
}
