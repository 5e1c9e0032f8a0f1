import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Group = Schema<'GroupView'>
export type Node = Schema<'NodeView'>
export type QueueItem = Schema<'QueueItem'>

/** What is held changes with any task or service, so any event refreshes it. */
export const groupList = () =>
  queryOptions({
    queryKey: listKey('resource-group'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/resource-groups', { signal })),
    meta: { touchedByEvents: true },
  })

export const queueList = () =>
  queryOptions({
    queryKey: listKey('queue'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/queue', { signal })),
    meta: { touchedByEvents: true },
  })
