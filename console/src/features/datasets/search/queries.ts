import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { oneKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type SearchField = Schema<'SearchFieldView'>
export type Facet = Schema<'FacetView'>

export interface SearchParams {
  q: string
  order: string
  offset: number
  limit: number
}

/** A published version never changes: what was once found stays right. */
export const searchPage = (id: string, number: number, params: SearchParams) =>
  queryOptions({
    queryKey: oneKey('dataset-samples', id, number, 'search', params),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/search', {
          params: { path: { dataset_id: id, number }, query: params },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })

export const searchFields = (id: string, number: number) =>
  queryOptions({
    queryKey: oneKey('dataset-samples', id, number, 'fields'),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/search/fields', {
          params: { path: { dataset_id: id, number } },
          signal,
        }),
      ),
    staleTime: Infinity,
  })

export const facet = (id: string, number: number, field: string, q: string) =>
  queryOptions({
    queryKey: oneKey('dataset-samples', id, number, 'facet', field, q),
    queryFn: async ({ signal }) => {
      const found: unknown = await call(
        api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/search/facet', {
          params: { path: { dataset_id: id, number }, query: { field, q } },
          signal,
        }),
      )
      return found as Facet // openapi-fetch widens tuples to arrays
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })
