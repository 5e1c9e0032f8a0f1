import { useEffect, useRef } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { recordPage, type Shown, type Task } from '../queries'

const PAGE = 50

interface Neighbours {
  previous: () => Promise<number | null>
  next: () => Promise<number | null>
}

/** The records beside this one. Under a filter, back means where one came from. */
export function useNeighbours(task: Task, shown: Shown, index: number | null): Neighbours {
  const client = useQueryClient()
  const trail = useRef<number[]>([])
  useEffect(() => {
    if (index !== null && trail.current.at(-1) !== index) trail.current.push(index)
  }, [index])
  const last = task.counts.records + task.counts.deleted - 1
  /** The nearest one of a page that is not in the trash. */
  const kept = async (after: number, limit: number, back: boolean): Promise<number | null> => {
    const page = await client.query({ ...recordPage(task.id, 'all', after, limit), staleTime: 0 })
    const there = page.items.filter(({ state }) => state !== 'deleted')
    return (back ? there.at(-1) : there[0])?.index ?? null
  }
  return {
    previous: async () => {
      if (index === null) return null
      if (shown !== 'all') {
        trail.current.pop()
        return trail.current.pop() ?? null
      }
      if (index === 0 || task.counts.deleted === 0) return index > 0 ? index - 1 : null
      const first = Math.max(0, index - PAGE)
      return kept(first - 1, index - first, true)
    },
    next: async () => {
      const at = index ?? -1
      if (shown === 'all') {
        if (at >= last || task.counts.deleted === 0) return at < last ? at + 1 : null
        return kept(at, PAGE, false)
      }
      const page = await client.query({ ...recordPage(task.id, shown, at, 1), staleTime: 0 })
      return page.items[0]?.index ?? null
    },
  }
}
