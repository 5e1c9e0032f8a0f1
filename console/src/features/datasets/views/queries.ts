import { api, apiUrl, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ExportFormat } from '../kinds'

export type SavedView = Schema<'SavedView'>

const PROGRESS_MS = 1_500

export const viewList = (id: string, number: number) => ({
  ...oneQuery('dataset', id, `views ${number}`, (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/views', {
        params: { path: { dataset_id: id, number } },
        signal,
      }),
    ),
  ),
  refetchInterval: (query: { state: { data?: { items: SavedView[] } } }) =>
    query.state.data?.items.some(({ state }) => state === 'building') ? PROGRESS_MS : false,
})

interface At {
  id: string
  number: number
}

export function createView({ id, number, body }: At & { body: Schema<'ViewForm'> }) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/versions/{number}/views', {
      params: { path: { dataset_id: id, number } },
      body,
    }),
  )
}

export function createSplit({ id, number, body }: At & { body: Schema<'SplitForm'> }) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/versions/{number}/splits', {
      params: { path: { dataset_id: id, number } },
      body,
    }),
  )
}

export function deleteView({ id, number, name }: At & { name: string }) {
  return call(
    api.DELETE('/api/v1/datasets/{dataset_id}/versions/{number}/views/{name}', {
      params: { path: { dataset_id: id, number, name } },
    }),
  )
}

export function viewExportUrl({ id, number, name }: At & { name: string }, format: ExportFormat) {
  return apiUrl(
    `/api/v1/datasets/${id}/versions/${number}/views/${encodeURIComponent(name)}/export`,
    { format },
  )
}
