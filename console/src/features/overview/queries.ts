import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Overview = Schema<'Overview'>
export type RecentEvent = Overview['recent_events'][number]

/** Any event changes something here. */
export const overview = () =>
  queryOptions({
    queryKey: listKey('overview'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/overview', { signal })),
    meta: { touchedByEvents: true },
  })
