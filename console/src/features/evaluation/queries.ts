import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey, listQuery, oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Evaluation = Schema<'EvaluationView'>
export type EvaluationDetail = Schema<'EvaluationDetail'>
export type EvaluationForm = Schema<'EvaluationForm'>
export type ModelResult = Schema<'ModelResultView'>
export type Result = Schema<'ResultView'>
export type Step = Schema<'StepView'>
export type SampleOf = Schema<'SampleView'>
export type Comparison = Schema<'ComparisonView'>
export type CompareForm = Schema<'CompareForm'>
export type Metric = Schema<'Metric'>

export const METRICS: readonly Metric[] = ['accuracy', 'rouge1', 'rouge2', 'rougeL', 'bleu4']

/** Answers are counted in files while an evaluation runs; no event tells of each. */
const PROGRESS_MS = 2_000

const FINAL = new Set(['Completed', 'Stopped', 'Failed'])

export function isActive({ state }: Pick<Evaluation, 'state'>): boolean {
  return !FINAL.has(state)
}

const path = (id: string) => ({ params: { path: { evaluation_id: id } } })

export const evaluationList = (params: ListParams) =>
  queryOptions({
    ...listQuery('evaluation', params, (signal) =>
      call(api.GET('/api/v1/evaluations', { params: { query: params }, signal })),
    ),
    refetchInterval: ({ state }) => (state.data?.items.some(isActive) ? PROGRESS_MS : false),
  })

export const oneEvaluation = (id: string) =>
  queryOptions({
    queryKey: oneKey('evaluation', id, 'view'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/evaluations/{evaluation_id}', { ...path(id), signal })),
    refetchInterval: ({ state }) => (state.data && isActive(state.data) ? PROGRESS_MS : false),
  })

export const evaluationResults = (id: string, active: boolean) =>
  queryOptions({
    queryKey: oneKey('evaluation', id, 'results'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/evaluations/{evaluation_id}/results', { ...path(id), signal })),
    refetchInterval: active ? PROGRESS_MS : false,
  })

export interface SampleFilter {
  model?: string[]
  set?: string[]
  wrong?: boolean
  search?: string
  index?: number
  limit?: number
  cursor?: string
}

export const sampleList = (id: string, filter: SampleFilter) =>
  queryOptions({
    queryKey: oneKey('evaluation', id, 'samples', filter),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/evaluations/{evaluation_id}/samples', {
          params: { path: { evaluation_id: id }, query: filter },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })

export const comparable = (search: string) =>
  listQuery('evaluation', ['comparable', search], (signal) =>
    call(
      api.GET('/api/v1/evaluations', {
        params: {
          query: { limit: 50, state: ['Completed'], ...(search === '' ? {} : { search }) },
        },
        signal,
      }),
    ),
  )

/** A question that changes nothing, sent as POST for its length. */
export const comparison = (body: CompareForm) =>
  queryOptions({
    queryKey: listKey('evaluation', 'comparison', body),
    queryFn: ({ signal }) => call(api.POST('/api/v1/evaluations/compare', { body, signal })),
    placeholderData: keepPreviousData,
    retry: false,
  })

export const serviceChoices = () =>
  listQuery('service', 'evaluation', async (signal) => {
    const query = { limit: 100, order: 'name', state: ['Normal'] }
    const page = await call(api.GET('/api/v1/services', { params: { query }, signal }))
    return page.items.filter(({ llm }) => llm)
  })

export const questionSets = (search: string) =>
  listQuery('dataset', ['evaluation', search], (signal) =>
    call(
      api.GET('/api/v1/datasets', {
        params: { query: { limit: 50, kind: 'llm', ...(search === '' ? {} : { search }) } },
        signal,
      }),
    ),
  )

export const evaluationInstances = (id: string) =>
  oneQuery('evaluation', id, 'instances', (signal) =>
    call(api.GET('/api/v1/evaluations/{evaluation_id}/instances', { ...path(id), signal })),
  )

export const createEvaluation = (body: EvaluationForm) =>
  call(api.POST('/api/v1/evaluations', { body }))

export const stopEvaluation = (id: string) =>
  call(api.POST('/api/v1/evaluations/{evaluation_id}/stop', path(id)))

export const restartEvaluation = (id: string) =>
  call(api.POST('/api/v1/evaluations/{evaluation_id}/restart', path(id)))

export const deleteEvaluation = (id: string) =>
  call(api.DELETE('/api/v1/evaluations/{evaluation_id}', path(id)))
