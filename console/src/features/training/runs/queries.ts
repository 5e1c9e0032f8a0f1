import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey, listQuery, oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Run = Schema<'RunView'>
export type RunDetail = Schema<'RunDetail'>

const FIGURES_MS = 3_000

const path = (id: string) => ({ params: { path: { run_id: id } } })

export const runList = (params: ListParams) =>
  listQuery('run', params, (signal) =>
    call(api.GET('/api/v1/tracking/runs', { params: { query: params }, signal })),
  )

export const oneRun = (id: string) =>
  oneQuery('run', id, 'view', (signal) =>
    call(api.GET('/api/v1/tracking/runs/{run_id}', { ...path(id), signal })),
  )

/** Figures grow in files while a run goes on; no event tells of each. */
export const runMetrics = (id: string, running: boolean) =>
  queryOptions({
    queryKey: oneKey('run', id, 'metrics'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/tracking/runs/{run_id}/metrics', { ...path(id), signal })),
    refetchInterval: running ? FIGURES_MS : false,
  })

export const experimentList = () =>
  queryOptions({
    queryKey: listKey('experiment'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/tracking/experiments', { signal })),
  })

export const deleteRun = (id: string) =>
  call(api.DELETE('/api/v1/tracking/runs/{run_id}', path(id)))
