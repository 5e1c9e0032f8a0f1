import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, apiUrl, call } from '@/api/client'
import { listKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Report = Schema<'CallReportView'>
export type Share = Schema<'CallShareView'>
export type CallRange = Schema<'CallRange'>

/** Calls come all the time, without an event each. */
const CALLS_MS = 10_000

export interface Asked {
  range?: CallRange
  start?: string
  end?: string
  group?: string
  service?: string
  model?: string
}

export const callReport = (asked: Asked) =>
  queryOptions({
    queryKey: listKey('call', asked),
    queryFn: ({ signal }) => call(api.GET('/api/v1/calls', { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: CALLS_MS,
  })

export function exportUrl(asked: Asked, format: 'csv' | 'xlsx'): string {
  return apiUrl('/api/v1/calls/export', { ...asked, format })
}
