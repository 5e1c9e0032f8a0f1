import { api, call } from '@/api/client'
import { listQuery, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Repository = Schema<'RepositoryView'>

const path = (id: string) => ({ path: { repository_id: id } })

export const repositoryList = (params: ListParams) =>
  listQuery('repository', params, (signal) =>
    call(api.GET('/api/v1/repositories', { params: { query: params }, signal })),
  )

export const oneRepository = (id: string) =>
  oneQuery('repository', id, 'view', (signal) =>
    call(api.GET('/api/v1/repositories/{repository_id}', { params: path(id), signal })),
  )

export function createRepository(body: Schema<'RepositoryForm'>) {
  return call(api.POST('/api/v1/repositories', { body }))
}

export function changeRepository(id: string, body: Schema<'RepositoryPatch'>) {
  return call(api.PATCH('/api/v1/repositories/{repository_id}', { params: path(id), body }))
}

export function testRepository(id: string) {
  return call(api.POST('/api/v1/repositories/{repository_id}/test', { params: path(id) }))
}

export function deleteRepository(id: string) {
  return call(api.DELETE('/api/v1/repositories/{repository_id}', { params: path(id) }))
}
