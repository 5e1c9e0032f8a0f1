import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, apiUrl, call } from '@/api/client'
import { listQuery, oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'
import type { ExportFormat } from './kinds'

export type Dataset = Schema<'DatasetView'>
export type Version = Schema<'VersionView'>
export type VersionDetail = Schema<'VersionDetail'>
export type Numbers = Schema<'NumbersView'>
export type ColumnStatistics = Schema<'ColumnView'>
export type ProblemView = Schema<'ProblemView'>
export type Sample = Schema<'SamplePage'>['items'][number]
export type ImageSample = Extract<Sample, { kind: 'image' }>
export type RecordSample = Extract<Sample, { kind: 'record' }>
export type RowSample = Extract<Sample, { kind: 'row' }>
export type LabelStatus = Schema<'Status'>

/** Nothing tells of an import's percentage but the asking; it ends with the import. */
const PROGRESS_MS = 1_500
const isImporting = (dataset: Dataset) =>
  dataset.state === 'importing' || dataset.newest?.state === 'importing'

export const datasetList = (params: ListParams) => ({
  ...listQuery('dataset', params, (signal) =>
    call(api.GET('/api/v1/datasets', { params: { query: params }, signal })),
  ),
  refetchInterval: (query: { state: { data?: { items: Dataset[] } } }) =>
    query.state.data?.items.some(isImporting) ? PROGRESS_MS : false,
})

export const oneDataset = (id: string) => ({
  ...oneQuery('dataset', id, 'view', (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}', { params: { path: { dataset_id: id } }, signal }),
    ),
  ),
  refetchInterval: (query: { state: { data?: Dataset } }) =>
    query.state.data !== undefined && isImporting(query.state.data) ? PROGRESS_MS : false,
})

export const versionList = (id: string) =>
  oneQuery('dataset', id, 'versions', (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/versions', {
        params: { path: { dataset_id: id } },
        signal,
      }),
    ),
  )

export const oneVersion = (id: string, number: number) =>
  oneQuery<VersionDetail>('dataset', id, `version ${number}`, async (signal) => {
    const version: unknown = await call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}', {
        params: { path: { dataset_id: id, number } },
        signal,
      }),
    )
    return version as VersionDetail // openapi-fetch widens the tuples of histograms to arrays
  })

export const versionChanges = (id: string, number: number, since: number | null) =>
  oneQuery('dataset', id, `changes ${number} ${since}`, (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/changes', {
        params: { path: { dataset_id: id, number }, query: since === null ? {} : { since } },
        signal,
      }),
    ),
  )

export interface SampleParams {
  offset: number
  limit: number
  label?: string
  status: LabelStatus
}

/** A published version never changes: what was once read stays right. */
export const samplePage = (id: string, number: number, params: SampleParams) =>
  queryOptions({
    queryKey: oneKey('dataset-samples', id, number, params),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/samples', {
          params: { path: { dataset_id: id, number }, query: params },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })

export const oneSample = (id: string, number: number, index: number) =>
  queryOptions({
    queryKey: oneKey('dataset-samples', id, number, 'one', index),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/samples/{index}', {
          params: { path: { dataset_id: id, number, index } },
          signal,
        }),
      ),
    staleTime: Infinity,
  })

export function createDataset(body: Schema<'DatasetForm'>) {
  return call(api.POST('/api/v1/datasets', { body }))
}

export function changeDataset(id: string, body: Schema<'DatasetPatch'>) {
  return call(
    api.PATCH('/api/v1/datasets/{dataset_id}', { params: { path: { dataset_id: id } }, body }),
  )
}

/** The dialog before it has asked and shown what used it, hence `confirm`. */
export function deleteDataset(id: string) {
  return call(
    api.DELETE('/api/v1/datasets/{dataset_id}', {
      params: { path: { dataset_id: id }, query: { confirm: true } },
    }),
  )
}

/** Also what was written to its output path. */
export function deleteDatasetAndOutput(id: string) {
  return call(
    api.DELETE('/api/v1/datasets/{dataset_id}', {
      params: { path: { dataset_id: id }, query: { confirm: true, delete_output: true } },
    }),
  )
}

export function retryImport(id: string) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/retry', { params: { path: { dataset_id: id } } }),
  )
}

export function publishVersion(id: string, description: string) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/versions', {
      params: { path: { dataset_id: id } },
      body: { description },
    }),
  )
}

export function restoreVersion({ id, number }: { id: string; number: number }) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/versions/{number}/restore', {
      params: { path: { dataset_id: id, number } },
    }),
  )
}

/** Sample files of a kind in a label format, to look at and to import. */
export function exampleUrl(kind: Dataset['kind'], format: Dataset['label_format']): string {
  return apiUrl(`/api/v1/datasets/examples/${kind}/${format}`, {})
}

export function exportUrl(id: string, number: number, format: ExportFormat): string {
  return apiUrl(`/api/v1/datasets/${id}/versions/${number}/export`, { format })
}
