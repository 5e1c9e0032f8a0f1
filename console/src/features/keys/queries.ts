import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import type { Schema } from '@/api/types'

export type Key = Schema<'KeyView'>
export type NewKey = Schema<'NewKeyView'>

export const keyList = queryOptions({
  queryKey: ['key', 'all'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/keys', { signal })),
})

export function createKey(body: Schema<'KeyForm'>) {
  return call(api.POST('/api/v1/keys', { body }))
}

export function switchKey(id: string, enabled: boolean) {
  return call(
    api.PATCH('/api/v1/keys/{key_id}', { params: { path: { key_id: id } }, body: { enabled } }),
  )
}

export function deleteKey(id: string) {
  return call(api.DELETE('/api/v1/keys/{key_id}', { params: { path: { key_id: id } } }))
}
