import { queryOptions, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Problem } from '@/base/problem'
import { api, call } from './client'
import { currentProject } from './project'
import type { Schema } from './types'

export type Me = Schema<'MeView'>
export type ProjectMembership = Me['projects'][number]

/** Who is signed in, or null. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await call(api.GET('/api/v1/me', { signal }))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null
      throw error
    }
  },
  staleTime: Infinity,
})

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/system', { signal })),
  staleTime: 300_000,
})

/** The signed-in user; pages are shown only when there is one. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery)
  if (data === null) throw new Problem(401, 'signed_out', 'Sign in to go on.')
  return data
}

/** Every project; for the administrator that is more than those of `me`. */
export const projectsQuery = queryOptions({
  queryKey: ['project', 'all'],
  queryFn: ({ signal }) => call(api.GET('/api/v1/projects', { signal })),
})

/** Projects that the user can enter. An administrator enters any, as its administrator. */
export function useProjects(): readonly ProjectMembership[] {
  const { user, projects } = useMe()
  const { data } = useQuery({ ...projectsQuery, enabled: user.is_admin })
  const others = (data?.items ?? []).filter(({ id }) => projects.every((own) => own.id !== id))
  return [
    ...projects,
    ...others.map(({ id, name }) => ({ id, name, role: 'admin' as const, actions: ['*:*:*'] })),
  ]
}

export function useProject(): ProjectMembership | null {
  const id = currentProject()
  return useProjects().find((project) => project.id === id) ?? null
}

/** Whether the user may do an action such as `train:task:create` in the current project. */
export function useMay(): (action: string) => boolean {
  const { user } = useMe()
  const project = useProject()
  return (action) =>
    user.is_admin || (project?.actions.some((held) => covers(held, action)) ?? false)
}

export function useSignIn() {
  const client = useQueryClient()
  return async (name: string, password: string): Promise<void> => {
    await call(api.POST('/api/v1/auth/login', { body: { name, password } }))
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' })
    await client.query({ ...meQuery, staleTime: 0 })
  }
}

export function useSignOut() {
  const client = useQueryClient()
  return async (): Promise<void> => {
    await call(api.POST('/api/v1/auth/logout'))
    client.setQueryData(meQuery.queryKey, null)
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' })
  }
}

/** `train:*:*` covers `train:task:create`. */
function covers(held: string, action: string): boolean {
  const asked = action.split(':')
  return held.split(':').every((part, index) => part === '*' || part === asked[index])
}
