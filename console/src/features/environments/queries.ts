import { api, call } from '@/api/client'
import { listQuery, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Environment = Schema<'CustomEnvironmentView'>
export type EnvironmentDetail = Schema<'CustomEnvironmentDetail'>
export type EnvironmentForm = Schema<'EnvironmentForm'>
export type VersionForm = Schema<'EnvironmentVersionForm'>
export type BuiltIn = Schema<'BuiltInView'>
export type Preset = Schema<'EnvironmentPresetView'>
export type Options = Schema<'EnvironmentOptions'>

const path = (id: string) => ({ path: { environment_id: id } })

export const environmentList = (params: ListParams) =>
  listQuery('environment', params, (signal) =>
    call(api.GET('/api/v1/environments', { params: { query: params }, signal })),
  )

/** Those of the project that a service can run in. */
export const servingEnvironments = () =>
  listQuery('environment', 'serving', (signal) =>
    call(
      api.GET('/api/v1/environments', {
        params: { query: { purpose: 'serving', limit: 200 } },
        signal,
      }),
    ),
  )

export const oneEnvironment = (id: string) =>
  oneQuery('environment', id, 'view', (signal) =>
    call(api.GET('/api/v1/environments/{environment_id}', { params: path(id), signal })),
  )

export const environmentUses = (id: string) =>
  oneQuery('environment', id, 'uses', (signal) =>
    call(api.GET('/api/v1/environments/{environment_id}/uses', { params: path(id), signal })),
  )

/** Of the machine, not of the project: what one can be made of. */
export const environmentOptions = () =>
  listQuery('environment-options', null, (signal) =>
    call(api.GET('/api/v1/environments/options', { signal })),
  )

/** Inference environments as locked sets of packages. */
export const presetList = () =>
  listQuery('environment-presets', null, (signal) =>
    call(api.GET('/api/v1/environments/presets', { signal })),
  )

export function createEnvironment(body: EnvironmentForm) {
  return call(api.POST('/api/v1/environments', { body }))
}

export function createVersion(id: string, body: VersionForm) {
  return call(
    api.POST('/api/v1/environments/{environment_id}/versions', { params: path(id), body }),
  )
}

export function changeEnvironment(id: string, body: Schema<'EnvironmentPatch'>) {
  return call(api.PATCH('/api/v1/environments/{environment_id}', { params: path(id), body }))
}

export function rebuildEnvironment(id: string) {
  return call(api.POST('/api/v1/environments/{environment_id}/rebuild', { params: path(id) }))
}

export function cancelBuild(id: string) {
  return call(api.POST('/api/v1/environments/{environment_id}/cancel', { params: path(id) }))
}

export function deleteEnvironment(id: string) {
  return call(api.DELETE('/api/v1/environments/{environment_id}', { params: path(id) }))
}
