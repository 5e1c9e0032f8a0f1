import { api, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Analysis = Schema<'AnalysisView'>
export type AnalysisKind = Schema<'AnalysisKind'>
export type Quality = Schema<'DataQualityView'>
export type TextStatistics = Schema<'TextStatisticsView'>

/** Nothing tells of the percentage but the asking; it ends with the analysis. */
const PROGRESS_MS = 1_500

export const analysisList = (id: string, number: number) => ({
  ...oneQuery('dataset', id, `analyses ${number}`, (signal) =>
    call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/analyses', {
        params: { path: { dataset_id: id, number } },
        signal,
      }),
    ),
  ),
  refetchInterval: (query: { state: { data?: { items: Analysis[] } } }) =>
    query.state.data?.items.some(({ state }) => state === 'running') ? PROGRESS_MS : false,
})

export const textStatistics = (id: string, number: number) =>
  oneQuery<TextStatistics>('dataset', id, `text ${number}`, async (signal) => {
    const found: unknown = await call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/text', {
        params: { path: { dataset_id: id, number } },
        signal,
      }),
    )
    return found as TextStatistics // openapi-fetch widens tuples to arrays
  })

export const quality = (id: string, number: number) =>
  oneQuery<Quality>('dataset', id, `quality ${number}`, async (signal) => {
    const found: unknown = await call(
      api.GET('/api/v1/datasets/{dataset_id}/versions/{number}/quality', {
        params: { path: { dataset_id: id, number } },
        signal,
      }),
    )
    return found as Quality
  })

export interface Asked {
  id: string
  number: number
  kind: AnalysisKind
  form?: Schema<'AnalysisForm'>
}

export function startAnalysis({ id, number, kind, form = {} }: Asked) {
  return call(
    api.POST('/api/v1/datasets/{dataset_id}/versions/{number}/analyses/{kind}', {
      params: { path: { dataset_id: id, number, kind } },
      body: form,
    }),
  )
}
