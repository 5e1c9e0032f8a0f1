import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Comparison = Schema<'Comparison'>
export type ComparedRun = Schema<'ComparedRunView'>

export const MOST = 12

export const comparison = (ids: readonly string[]) =>
  queryOptions({
    queryKey: listKey('task', 'comparison', ids),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/training/compare', { params: { query: { ids: [...ids] } }, signal })),
    placeholderData: keepPreviousData,
  })
