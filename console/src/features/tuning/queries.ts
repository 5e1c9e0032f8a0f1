import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listQuery, oneKey } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Search = Schema<'SearchView'>
export type SearchDetail = Schema<'SearchDetail'>
export type SearchTrial = Schema<'SearchTrialView'>
export type SearchForm = Schema<'SearchForm'>
export type Parameter = Schema<'SearchParameterForm'>

/** What running trials report is no event. */
const FIGURES_MS = 3_000

const path = (id: string) => ({ params: { path: { search_id: id } } })

export const isOver = (state: string) => ['Completed', 'Stopped', 'Abnormal'].includes(state)

export const searchList = (params: ListParams) =>
  listQuery('search', params, (signal) =>
    call(api.GET('/api/v1/training/searches', { params: { query: params }, signal })),
  )

export const oneSearch = (id: string) =>
  queryOptions({
    queryKey: oneKey('search', id, 'view'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/training/searches/{search_id}', { ...path(id), signal })),
    refetchInterval: ({ state }) =>
      state.data === undefined || isOver(state.data.state) ? false : FIGURES_MS,
  })

export const startSearch = (body: SearchForm) =>
  call(api.POST('/api/v1/training/searches', { body }))

export const stopSearch = (id: string) =>
  call(api.POST('/api/v1/training/searches/{search_id}/stop', path(id)))

export const deleteSearch = ({ id, withTasks }: { id: string; withTasks: boolean }) =>
  call(
    api.DELETE('/api/v1/training/searches/{search_id}', {
      params: { path: { search_id: id }, query: { with_tasks: withTasks } },
    }),
  )
