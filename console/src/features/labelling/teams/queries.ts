import { api, call } from '@/api/client'
import { oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import { queryOptions } from '@tanstack/react-query'

export type Quality = Schema<'LabelQualityView'>
export type PersonAnswer = Schema<'LabelAnswerView'>

const BASE = '/api/v1/labelling/tasks/{task_id}'

export const taskQuality = (id: string) =>
  oneQuery('label-task', id, 'quality', (signal) =>
    call(api.GET(`${BASE}/quality`, { params: { path: { task_id: id } }, signal })),
  )

export const recordAnswers = (id: string, index: number, revision: number) =>
  queryOptions({
    queryKey: oneKey('label-record', id, 'answers', index, revision),
    queryFn: ({ signal }) =>
      call(
        api.GET(`${BASE}/records/{index}/answers`, {
          params: { path: { task_id: id, index } },
          signal,
        }),
      ),
  })

export function setGold(id: string, index: number, known: boolean) {
  return call(
    api.POST(`${BASE}/records/{index}/gold`, {
      params: { path: { task_id: id, index } },
      body: { known },
    }),
  )
}

export function readmit(id: string, user: string) {
  return call(
    api.POST(`${BASE}/people/{user_id}/readmit`, {
      params: { path: { task_id: id, user_id: user } },
    }),
  )
}
