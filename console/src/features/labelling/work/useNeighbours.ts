import { useEffect, useRef } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { recordPage, type Shown, type Task } from '../queries'

interface Neighbours {
  previous: () => number | null
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
  return {
    previous: () => {
      if (index === null) return null
      if (shown === 'all') return index > 0 ? index - 1 : null
      trail.current.pop()
      return trail.current.pop() ?? null
    },
    next: async () => {
      const at = index ?? -1
      if (shown === 'all') return at < last ? at + 1 : null
      const page = await client.query({ ...recordPage(task.id, shown, at, 1), staleTime: 0 })
      return page.items[0]?.index ?? null
    },
  }
}
