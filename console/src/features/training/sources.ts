import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey, listQuery, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { Purpose } from './form/values'

export type LineageInput = Omit<Schema<'LineageInput'>, 'purpose'> & { purpose: Purpose }
export type LineageStep = Omit<Schema<'LineageStep'>, 'inputs'> & { inputs: LineageInput[] }

/** Lists that the pickers of the form offer: datasets, models, folders of the storage. */

const SHOWN = 50

const searched = (search: string) => ({
  limit: SHOWN,
  order: '-created_at',
  ...(search === '' ? {} : { search }),
})

export const datasetChoices = (search: string) =>
  listQuery('dataset', ['choices', search], (signal) =>
    call(api.GET('/api/v1/datasets', { params: { query: searched(search) }, signal })),
  )

export const datasetName = (id: string) =>
  oneQuery('dataset', id, 'name', (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}', { params: { path: { dataset_id: id } }, signal }),
    ),
  )

export const taskChoices = (search: string) =>
  listQuery('task', ['choices', search], (signal) =>
    call(api.GET('/api/v1/training/tasks', { params: { query: searched(search) }, signal })),
  )

export const taskName = (id: string) =>
  oneQuery('task', id, 'name', (signal) =>
    call(
      api.GET('/api/v1/training/tasks/{task_id}', { params: { path: { task_id: id } }, signal }),
    ),
  )

export const datasetVersions = (id: string) =>
  oneQuery('dataset', id, 'version-choices', (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/versions', {
        params: { path: { dataset_id: id } },
        signal,
      }),
    ),
  )

export const datasetViews = (id: string, number: number) =>
  oneQuery('dataset', id, `view-choices ${number}`, (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/views', {
        params: { path: { dataset_id: id, number } },
        signal,
      }),
    ),
  )

export const modelChoices = (search: string) =>
  listQuery('model', ['choices', search], (signal) =>
    call(api.GET('/api/v1/models', { params: { query: searched(search) }, signal })),
  )

export const modelVersions = (id: string) =>
  oneQuery('model', id, 'version-choices', (signal) =>
    call(
      api.GET('/api/v1/models/{model_id}/versions', {
        params: { path: { model_id: id }, query: { limit: SHOWN } },
        signal,
      }),
    ),
  )

/** Which model a version id belongs to: a task knows the version only. */
export const oneModelVersion = (id: string) =>
  oneQuery('model_version', id, 'view', (signal) =>
    call(
      api.GET('/api/v1/models/versions/{version_id}', {
        params: { path: { version_id: id } },
        signal,
      }),
    ),
  )

export const repositoryChoices = (search: string) =>
  listQuery('repository', ['choices', search], (signal) =>
    call(api.GET('/api/v1/repositories', { params: { query: searched(search) }, signal })),
  )

export const oneRepository = (id: string) =>
  oneQuery('repository', id, 'view', (signal) =>
    call(
      api.GET('/api/v1/repositories/{repository_id}', {
        params: { path: { repository_id: id } },
        signal,
      }),
    ),
  )

/** Addresses that go on from what was typed: buckets, then folders below each other. */
export const folderChoices = (typed: string) =>
  queryOptions({
    queryKey: listKey('bucket', 'folder-choices', parentOf(typed)),
    queryFn: ({ signal }) => foldersBelow(parentOf(typed), signal),
    placeholderData: keepPreviousData,
  })

/** `bucket/a/b` is looked for in `bucket/a/`; a name without "/" among the buckets. */
export function parentOf(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1)
}

async function foldersBelow(parent: string, signal: AbortSignal): Promise<string[]> {
  if (parent === '') {
    const { items } = await call(api.GET('/api/v1/buckets', { signal }))
    return items.map(({ name }) => `${name}/`)
  }
  const cut = parent.indexOf('/')
  const bucket = parent.slice(0, cut)
  const prefix = parent.slice(cut + 1)
  const { items } = await call(
    api.GET('/api/v1/buckets/{bucket}/objects', {
      params: { path: { bucket }, query: { prefix, delimiter: '/', limit: 200 } },
      signal,
    }),
  )
  return items
    .filter(({ kind }) => kind === 'folder')
    .map(({ key }) => `${bucket}/${key.replace(/\/?$/, '/')}`)
}

/** Models of the platform that a shared path may name. */
export const builtInModels = () =>
  queryOptions({
    queryKey: listKey('built-in-model', 'all'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/training/built-in-models', { signal })),
  })

export const taskLineage = (id: string) =>
  oneQuery('task', id, 'lineage', async (signal) => {
    const path = { task_id: id }
    const found = await call(
      api.GET('/api/v1/training/tasks/{task_id}/lineage', { params: { path }, signal }),
    )
    return { items: found.items as LineageStep[] }
  })

export const versionLineage = (id: string) =>
  oneQuery('model', id, 'lineage', async (signal) => {
    const path = { version_id: id }
    const found = await call(
      api.GET('/api/v1/training/lineage/{version_id}', { params: { path }, signal }),
    )
    return { items: found.items as LineageStep[] }
  })
