import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, apiUrl, call } from '@/api/client'
import { useEvents } from '@/api/events'
import { listQuery, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Model = Schema<'ModelView'>
export type ModelVersion = Schema<'ModelVersionView'>
export type ModelFormat = Schema<'FormatView'>

const MOST = 200

export const modelList = (params: ListParams) =>
  listQuery('model', params, (signal) =>
    call(api.GET('/api/v1/models', { params: { query: params }, signal })),
  )

export const oneModel = (id: string) =>
  oneQuery('model', id, 'view', (signal) =>
    call(api.GET('/api/v1/models/{model_id}', { params: { path: { model_id: id } }, signal })),
  )

/** Newest first. A list of versions: events of any version refresh it. */
export const versionList = (modelId: string) =>
  listQuery('model_version', ['of', modelId], (signal) =>
    call(
      api.GET('/api/v1/models/{model_id}/versions', {
        params: { path: { model_id: modelId }, query: { limit: MOST, order: '-number' } },
        signal,
      }),
    ),
  )

export const oneVersion = (id: string) =>
  oneQuery('model_version', id, 'view', (signal) =>
    call(
      api.GET('/api/v1/models/versions/{version_id}', {
        params: { path: { version_id: id } },
        signal,
      }),
    ),
  )

export const versionUses = (id: string) =>
  oneQuery('model_version', id, 'uses', (signal) =>
    call(
      api.GET('/api/v1/models/versions/{version_id}/uses', {
        params: { path: { version_id: id } },
        signal,
      }),
    ),
  )

const MOST_FILES = 1000

export const versionFiles = (id: string) =>
  oneQuery('model_version', id, 'files', (signal) =>
    call(
      api.GET('/api/v1/models/versions/{version_id}/files', {
        params: { path: { version_id: id }, query: { limit: MOST_FILES } },
        signal,
      }),
    ),
  )

export const formatList = () =>
  listQuery('model-format', null, (signal) => call(api.GET('/api/v1/models/formats', { signal })))

export const taskChoices = (search: string) =>
  listQuery('training_task', ['publishable', search], (signal) =>
    call(
      api.GET('/api/v1/training/tasks', {
        params: {
          query: { limit: 50, order: '-created_at', ...(search === '' ? {} : { search }) },
        },
        signal,
      }),
    ),
  )

export function importModel(body: Schema<'ImportForm'>) {
  return call(api.POST('/api/v1/models', { body }))
}

export function publishTask(taskId: string, body: Schema<'PublishForm'>) {
  return call(
    api.POST('/api/v1/training/tasks/{task_id}/publish', {
      params: { path: { task_id: taskId } },
      body,
    }),
  )
}

export function changeModel(id: string, body: Schema<'ModelPatch'>) {
  return call(api.PATCH('/api/v1/models/{model_id}', { params: { path: { model_id: id } }, body }))
}

export function deleteModel(id: string) {
  return call(api.DELETE('/api/v1/models/{model_id}', { params: { path: { model_id: id } } }))
}

export function deleteVersion(id: string) {
  return call(
    api.DELETE('/api/v1/models/versions/{version_id}', { params: { path: { version_id: id } } }),
  )
}

export function retryImport(id: string) {
  return call(
    api.POST('/api/v1/models/versions/{version_id}/retry', {
      params: { path: { version_id: id } },
    }),
  )
}

export function archiveUrl(id: string): string {
  return apiUrl(`/api/v1/models/versions/${id}/download`)
}

export function fileUrl(id: string, path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return apiUrl(`/api/v1/models/versions/${id}/files/${encoded}`)
}

/** A model shows its newest version, so an event about a version makes models stale too. */
export function useVersionsOfModels(): void {
  const client = useQueryClient()
  const refresh = useCallback(
    () => void client.invalidateQueries({ queryKey: ['model'] }),
    [client],
  )
  useEvents('model_version', null, refresh)
}
