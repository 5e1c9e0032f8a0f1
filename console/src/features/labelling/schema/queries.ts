import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { oneKey } from '@/api/queries'
import { Problem } from '@/base/problem'
import type { Schema } from '@/api/types'
import { draftSchema } from '../queries'

export type DatasetSchema = Schema<'DatasetSchemaView'>
export type Mode = Schema<'WriteMode'>

/** Nothing tells of the percentage but the asking; it ends with the parsing. */
const PROGRESS_MS = 1_500
const isParsing = (schema: DatasetSchema) => schema.state === 'parsing'

/** Of the whole project; an event about a dataset refreshes it. */
export const schemaList = () =>
  queryOptions({
    queryKey: ['dataset', 'schemas'],
    queryFn: ({ signal }) => call(api.GET('/api/v1/labelling/schemas', { signal })),
    refetchInterval: ({ state }) => (state.data?.items.some(isParsing) ? PROGRESS_MS : false),
  })

/** Null where the dataset has none yet. */
export const oneSchema = (datasetId: string) =>
  queryOptions({
    queryKey: oneKey('dataset', datasetId, 'schema'),
    queryFn: async ({ signal }): Promise<DatasetSchema | null> => {
      try {
        return await call(
          api.GET('/api/v1/labelling/schemas/{dataset_id}', {
            params: { path: { dataset_id: datasetId } },
            signal,
          }),
        )
      } catch (error) {
        if (error instanceof Problem && error.code === 'schema_missing') return null
        throw error
      }
    },
    refetchInterval: ({ state }) => (state.data && isParsing(state.data) ? PROGRESS_MS : false),
  })

/** A schema made from the data, to begin with. */
export const schemaDraft = (datasetId: string) =>
  queryOptions({
    queryKey: oneKey('dataset', datasetId, 'schema-draft'),
    queryFn: () => draftSchema(datasetId),
    staleTime: Infinity,
  })

export function saveSchema({ datasetId, text }: { datasetId: string; text: string }) {
  return call(
    api.PUT('/api/v1/labelling/schemas/{dataset_id}', {
      params: { path: { dataset_id: datasetId } },
      body: { text },
    }),
  )
}

export function parseAgain(datasetId: string) {
  return call(
    api.POST('/api/v1/labelling/schemas/{dataset_id}/parse', {
      params: { path: { dataset_id: datasetId } },
    }),
  )
}

export function startLabelling(datasetId: string, mode: Mode) {
  return call(api.POST('/api/v1/labelling/start', { body: { dataset_id: datasetId, mode } }))
}
