import { api, call } from '@/api/client'
import { oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import { queryOptions } from '@tanstack/react-query'

export type Suggesting = Schema<'LabelSuggestView'>
export type Suggestion = Schema<'LabelSuggestionView'>

const BASE = '/api/v1/labelling/tasks/{task_id}'
/** Nothing tells of each reply but the asking; it ends with the run. */
const PROGRESS_MS = 1_500

export const suggesting = (id: string) => ({
  ...oneQuery('label-task', id, 'suggestions', (signal) =>
    call(api.GET(`${BASE}/suggestions`, { params: { path: { task_id: id } }, signal })),
  ),
  refetchInterval: (query: { state: { data?: Suggesting } }) =>
    query.state.data?.state === 'running' ? PROGRESS_MS : false,
})

export const oneSuggestion = (id: string, index: number) =>
  queryOptions({
    queryKey: oneKey('label-suggestion', id, index),
    queryFn: async ({ signal }) =>
      (
        await call(
          api.GET(`${BASE}/records/{index}/suggestion`, {
            params: { path: { task_id: id, index } },
            signal,
          }),
        )
      ).suggestion,
  })

export function startSuggesting(id: string, body: Schema<'LabelSuggestForm'>) {
  return call(api.POST(`${BASE}/suggestions`, { params: { path: { task_id: id } }, body }))
}

export function stopSuggesting(id: string) {
  return call(api.POST(`${BASE}/suggestions/stop`, { params: { path: { task_id: id } } }))
}

export function decide(id: string, index: number, accepted: boolean) {
  return call(
    api.POST(`${BASE}/records/{index}/suggestion`, {
      params: { path: { task_id: id, index } },
      body: { accepted },
    }),
  )
}
