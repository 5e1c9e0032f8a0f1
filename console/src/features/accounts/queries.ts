import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listQuery, oneKey } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type User = Schema<'UserView'>
export type Project = Schema<'ProjectView'>
export type Member = Schema<'MemberView'>
export type Role = Schema<'Role'>

export const ROLES: readonly Role[] = ['admin', 'developer', 'annotator', 'viewer']

export const userList = (params: ListParams) =>
  listQuery('user', params, (signal) =>
    call(api.GET('/api/v1/users', { params: { query: params }, signal })),
  )

/** Events about members name their project. */
export const memberList = (projectId: string) =>
  queryOptions({
    queryKey: oneKey('project', projectId, 'members'),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/projects/{project_id}/members', {
          params: { path: { project_id: projectId } },
          headers: { 'X-Slipway-Project': projectId },
          signal,
        }),
      ),
  })

/** The header names the project too: the role that is checked is the one held there. */
export function setMember(projectId: string, user: string, role: Role) {
  return call(
    api.PUT('/api/v1/projects/{project_id}/members', {
      params: { path: { project_id: projectId } },
      headers: { 'X-Slipway-Project': projectId },
      body: { user, role },
    }),
  )
}

export function removeMember(projectId: string, userId: string) {
  return call(
    api.DELETE('/api/v1/projects/{project_id}/members/{user_id}', {
      params: { path: { project_id: projectId, user_id: userId } },
      headers: { 'X-Slipway-Project': projectId },
    }),
  )
}

export function createUser(body: Schema<'UserForm'>) {
  return call(api.POST('/api/v1/users', { body }))
}

export function updateUser(id: string, body: Schema<'UserPatch'>) {
  return call(api.PATCH('/api/v1/users/{user_id}', { params: { path: { user_id: id } }, body }))
}

export function createProject(body: Schema<'ProjectForm'>) {
  return call(api.POST('/api/v1/projects', { body }))
}
