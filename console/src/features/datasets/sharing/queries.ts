import { api, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Share = Schema<'DatasetShareView'>
export type NewShare = Schema<'NewDatasetShare'>

export const shareList = (id: string) =>
  oneQuery('dataset', id, 'shares', (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/shares', {
        params: { path: { dataset_id: id } },
        signal,
      }),
    ),
  )

export const accessList = (id: string) =>
  oneQuery('dataset', id, 'accesses', (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/accesses', {
        params: { path: { dataset_id: id } },
        signal,
      }),
    ),
  )

export function createShare({ id, body }: { id: string; body: Schema<'ShareForm'> }) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/shares', {
      params: { path: { dataset_id: id } },
      body,
    }),
  )
}

export function revokeShare({ id, share }: { id: string; share: string }) {
  return call(
    api.DELETE('/api/v1/datasets/{dataset_id}/shares/{share_id}', {
      params: { path: { dataset_id: id, share_id: share } },
    }),
  )
}

export function addShared(body: Schema<'SharedForm'>) {
  return call(api.POST('/api/v1/datasets/shared', { body }))
}
