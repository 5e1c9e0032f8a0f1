import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { idOf, type OcrBox } from './boxes'
import { meaningOf, type Meaning, type OcrType } from './queries'

const EMPTY: Meaning = { problems: [], boxes: [], pairs: [], joins: [], fields: [] }
const PAUSE_MS = 150

export type Problem = Meaning['problems'][number]
export type BoxRole = Meaning['boxes'][number]['role']

/** A descriptor while it is typed. */
export interface Typed {
  id: number
  descriptor: string
}

export interface Said {
  meaning: Meaning
  roles: ReadonlyMap<number, BoxRole>
  problems: ReadonlyMap<number, readonly Problem[]>
}

/** What the boxes mean by their descriptors, also by the one that is being typed. */
export function useMeaning(type: OcrType, boxes: readonly OcrBox[], typed: Typed | null): Said {
  const settled = useSettled(typed)
  const asked = useMemo(
    () =>
      boxes.map((box) => ({
        id: idOf(box),
        text: box.attributes.text,
        descriptor: settled?.id === idOf(box) ? settled.descriptor : box.attributes.descriptor,
      })),
    [boxes, settled],
  )
  const { data } = useQuery(
    meaningOf({ type, boxes: asked }, type === 'structured' && boxes.length > 0),
  )
  const meaning = boxes.length === 0 ? EMPTY : (data ?? EMPTY)
  return useMemo(() => {
    const problems = new Map<number, Problem[]>()
    for (const problem of meaning.problems) {
      problems.set(problem.id, [...(problems.get(problem.id) ?? []), problem])
    }
    return { meaning, roles: new Map(meaning.boxes.map(({ id, role }) => [id, role])), problems }
  }, [meaning])
}

function useSettled(typed: Typed | null): Typed | null {
  const [settled, setSettled] = useState(typed)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), typed === null ? 0 : PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return typed === null ? null : settled
}
