import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, apiUrl, call } from '@/api/client'
import { listKey } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListState } from '@/ui/listState'

export type PlatformEvent = Schema<'ProjectEventView'>

/** What the API's history takes, from the list's address. */
export interface EventQuery {
  limit: number
  cursor?: number
  search?: string
  service?: string[]
  subject?: string
  who?: string
  start?: string
  end?: string
  scope?: 'project' | 'platform'
}

export function eventQuery({ params, filters }: ListState): EventQuery {
  const one = (key: string) => filters[key]?.[0]
  const picked = { subject: one('subject'), who: one('who'), start: one('start'), end: one('end') }
  const given = Object.fromEntries(
    Object.entries(picked).filter(([, value]) => value !== undefined),
  )
  return {
    limit: params.limit,
    ...(params.cursor === undefined ? {} : { cursor: Number(params.cursor) }),
    ...(params.search === undefined ? {} : { search: params.search }),
    ...(filters.service?.length ? { service: filters.service } : {}),
    ...given,
    ...(filters.platform?.length ? { scope: 'platform' as const } : {}),
  }
}

/** Any event is a new line here. */
export const eventHistory = (query: EventQuery) =>
  queryOptions({
    queryKey: listKey('event', query),
    queryFn: ({ signal }) => call(api.GET('/api/v1/events', { params: { query }, signal })),
    placeholderData: keepPreviousData,
    meta: { touchedByEvents: true },
  })

export function exportUrl(query: EventQuery, format: 'csv' | 'json') {
  const address = new URL(apiUrl('/api/v1/events/export', { format }), window.location.origin)
  for (const [name, value] of Object.entries(query) as [string, string | string[]][]) {
    if (name === 'limit' || name === 'cursor') continue // the file holds everything
    for (const one of [value].flat()) address.searchParams.append(name, one)
  }
  return address.pathname + address.search
}
