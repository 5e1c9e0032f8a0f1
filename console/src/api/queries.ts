import {
  keepPreviousData,
  QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
  type UseMutationResult,
} from '@tanstack/react-query'
import { Problem } from '@/base/problem'
import { currentProject } from './project'

/**
 * Query keys begin with the kind of object they show, as events name it (`subject_kind`), and the
 * project. An event about `dataset` `ds-1` refreshes the lists of datasets and that one dataset.
 */
export type ListKey = readonly [kind: string, project: string | null, 'list', ...rest: unknown[]]
export type OneKey = readonly [kind: string, project: string | null, id: string, ...rest: unknown[]]

export function listKey(kind: string, ...rest: unknown[]): ListKey {
  return [kind, currentProject(), 'list', ...rest]
}

export function oneKey(kind: string, id: string, ...rest: unknown[]): OneKey {
  return [kind, currentProject(), id, ...rest]
}

/** Options of a list's query: while the next page loads, the last one stays to be seen. */
export function listQuery<Data>(
  kind: string,
  params: unknown,
  load: (signal: AbortSignal) => Promise<Data>,
) {
  return queryOptions({
    queryKey: listKey(kind, params),
    queryFn: ({ signal }) => load(signal),
    placeholderData: keepPreviousData,
  })
}

export function oneQuery<Data>(
  kind: string,
  id: string,
  part: string,
  load: (signal: AbortSignal) => Promise<Data>,
) {
  return queryOptions({
    queryKey: oneKey(kind, id, part),
    queryFn: ({ signal }) => load(signal),
  })
}

/** A write. `touches` are the kinds whose queries it makes stale; it settles when they are fresh. */
export function useApiMutation<Data, Variables = void>(
  write: (variables: Variables) => Promise<Data>,
  touches: readonly string[],
): UseMutationResult<Data, Error, Variables> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: write,
    onSuccess: () =>
      Promise.all(touches.map((kind) => client.invalidateQueries({ queryKey: [kind] }))),
  })
}

const MAX_RETRIES = 2

/** Only what may pass by itself is tried again: no answer, or 503. */
function shouldRetry(failures: number, error: Error): boolean {
  return failures < MAX_RETRIES && error instanceof Problem && [0, 503].includes(error.status)
}

/** Nothing polls: data is fresh until an event or a write says otherwise. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 30_000, gcTime: 300_000, retry: shouldRetry, retryDelay: 1_000 },
      mutations: { retry: false },
    },
  })
}
