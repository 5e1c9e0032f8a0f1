import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type LogStore = Schema<'LogStoreView'>
export type LogStoreKind = LogStore['kind']

export const LOG_STORE_KINDS: readonly LogStoreKind[] = ['loki', 'elasticsearch', 'http', 'file']

export const logStore = () =>
  queryOptions({
    queryKey: listKey('log_store'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/log-store', { signal })),
  })

export const setLogStore = (body: Schema<'LogStoreForm'>) =>
  call(api.PUT('/api/v1/log-store', { body }))

export const removeLogStore = () => call(api.DELETE('/api/v1/log-store'))

export const testLogStore = () => call(api.POST('/api/v1/log-store/test'))
