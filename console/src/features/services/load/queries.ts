import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { oneKey } from '@/api/queries'
import type { Schema } from '@/api/types'

export type LoadTest = Schema<'LoadTestView'>
export type LoadStep = Schema<'LoadStepView'>
export type LoadForm = Schema<'LoadTestForm'>

/** What a generator measures is no event: the page looks while one runs. */
const LOOK_MS = 1_000

export function isOpen({ state }: LoadTest): boolean {
  return !['Completed', 'Stopped', 'Failed'].includes(state)
}

export const loadTests = (service: string) =>
  queryOptions({
    queryKey: oneKey('service', service, 'load-tests'),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/{service_id}/load-tests', {
          params: { path: { service_id: service }, query: { limit: 50 } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.items.some(isOpen) ? LOOK_MS : false),
  })

export const startLoadTest = (service: string, body: LoadForm) =>
  call(
    api.POST('/api/v1/services/{service_id}/load-tests', {
      params: { path: { service_id: service } },
      body,
    }),
  )

const of = ({ service_id, id }: LoadTest) => ({
  params: { path: { service_id, test_id: id } },
})

export const stopLoadTest = (test: LoadTest) =>
  call(api.POST('/api/v1/services/{service_id}/load-tests/{test_id}/stop', of(test)))

export const deleteLoadTest = (test: LoadTest) =>
  call(api.DELETE('/api/v1/services/{service_id}/load-tests/{test_id}', of(test)))
