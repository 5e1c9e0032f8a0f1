import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listQuery, oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Service = Schema<'ServiceView'>
export type ServiceDetail = Schema<'ServiceDetail'>
export type Version = Schema<'ServiceVersionView'>
export type ServiceForm = Schema<'ServiceForm'>
export type VersionForm = Schema<'ServiceVersionForm'>
export type Source = Schema<'ModelSourceForm'>
export type Runtime = Schema<'Runtime'>
export type Replica = Schema<'ReplicaView'>
export type ServiceKey = Schema<'ServiceKeyView'>
export type NewKey = Schema<'NewServiceKeyView'>
export type Update = Schema<'ServiceUpdateView'>
export type MergedEvent = Schema<'MergedEventView'>
export type Statistics = Schema<'CallStatisticsView'>
export type CallInfo = Schema<'ServiceCallView'>
export type TestAnswer = Schema<'ServiceTestView'>
export type CallRange = Schema<'CallRange'>
export type Sample = Schema<'SamplesView'>['items'][number]

/** Replicas come and go without an event each; calls and samples are written all the time. */
const UNDER_WAY_MS = 2_000
const CALLS_MS = 10_000
const SAMPLES_MS = 5_000

const SETTLED = new Set(['Normal', 'Abnormal', 'CREATE_FAILED', 'Stopped'])

export function isUnderWay(service: Pick<ServiceDetail, 'items'>): boolean {
  return service.items.some(({ state, updating }) => updating || !SETTLED.has(state))
}

export function isDown(state: string): boolean {
  return state === 'Stopped' || state === 'CREATE_FAILED'
}

const ofService = (id: string) => ({ params: { path: { service_id: id } } })
const ofVersion = (id: string) => ({ params: { path: { version_id: id } } })

export const serviceList = (params: ListParams) =>
  listQuery('service', params, (signal) =>
    call(api.GET('/api/v1/services', { params: { query: params }, signal })),
  )

export const oneService = (id: string) =>
  queryOptions({
    queryKey: oneKey('service', id, 'view'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/services/{service_id}', { ...ofService(id), signal })),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? UNDER_WAY_MS : false),
  })

/** Of the machine, not of the project: what a language model can run on. */
export const engineList = () =>
  listQuery('service-engines', null, (signal) =>
    call(api.GET('/api/v1/services/engines', { signal })),
  )

export const callInfo = (id: string) =>
  oneQuery('service', id, 'call', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/call', { ...ofService(id), signal })),
  )

export const apiDocument = (id: string) =>
  oneQuery('service', id, 'api-document', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/api-document', { ...ofService(id), signal })),
  )

export type Rollout = Schema<'RolloutView'>
export type RolloutForm = Schema<'RolloutForm'>
export type Monitor = Schema<'MonitorView'>

const ROLLOUT_MS = 2_000

export const rolloutOf = (id: string) =>
  queryOptions({
    queryKey: oneKey('service', id, 'rollout'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/services/{service_id}/rollout', { ...ofService(id), signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? ROLLOUT_MS : false),
  })

export const startRollout = (id: string, body: RolloutForm) =>
  call(api.POST('/api/v1/services/{service_id}/rollout', { ...ofService(id), body }))

export const cancelRollout = (id: string) =>
  call(api.POST('/api/v1/services/{service_id}/rollout/cancel', ofService(id)))

export const serviceMonitor = (id: string, asked: { range: CallRange; version?: string }) =>
  queryOptions({
    queryKey: oneKey('service', id, 'monitor', asked),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/{service_id}/monitor', {
          params: { path: { service_id: id }, query: asked },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: CALLS_MS,
  })

export interface Asked {
  range: CallRange
  key?: string
  version?: string
}

export const callStatistics = (id: string, asked: Asked) =>
  queryOptions({
    queryKey: oneKey('service', id, 'statistics', asked),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/{service_id}/statistics', {
          params: { path: { service_id: id }, query: asked },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: CALLS_MS,
  })

export const keyList = (id: string) =>
  oneQuery('service', id, 'keys', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/keys', { ...ofService(id), signal })),
  )

export const serviceEvents = (id: string) =>
  oneQuery('service', id, 'events', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/events', { ...ofService(id), signal })),
  )

export const versionEvents = (service: string, version: string) =>
  oneQuery('service', service, `events of ${version}`, (signal) =>
    call(
      api.GET('/api/v1/services/versions/{version_id}/events', { ...ofVersion(version), signal }),
    ),
  )

export const logDelivery = (service: string, version: string) =>
  oneQuery('service', service, `log delivery of ${version}`, (signal) =>
    call(
      api.GET('/api/v1/services/versions/{version_id}/log-delivery', {
        ...ofVersion(version),
        signal,
      }),
    ),
  )

export const replicaList = (service: ServiceDetail, version: string, ended: boolean) =>
  queryOptions({
    queryKey: oneKey('service', service.id, 'instances', version, ended),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/versions/{version_id}/instances', {
          params: { path: { version_id: version }, query: { ended } },
          signal,
        }),
      ),
    refetchInterval: isUnderWay(service) ? UNDER_WAY_MS : false,
  })

export const replicaSamples = (service: string, version: string, replica: string, live: boolean) =>
  queryOptions({
    queryKey: oneKey('service', service, 'samples', version, replica),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/versions/{version_id}/instances/{instance_id}/samples', {
          params: { path: { version_id: version, instance_id: replica } },
          signal,
        }),
      ),
    refetchInterval: live ? SAMPLES_MS : false,
  })

export type Traffic = Schema<'InstanceTrafficView'>

export const replicaTraffic = (service: string, version: string, replica: string, live: boolean) =>
  queryOptions({
    queryKey: oneKey('service', service, 'traffic', version, replica),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/versions/{version_id}/instances/{instance_id}/traffic', {
          params: { path: { version_id: version, instance_id: replica } },
          signal,
        }),
      ),
    refetchInterval: live ? CALLS_MS : false,
  })

export const updateList = (service: ServiceDetail, version: string) =>
  queryOptions({
    queryKey: oneKey('service', service.id, 'updates', version),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/versions/{version_id}/updates', {
          ...ofVersion(version),
          signal,
        }),
      ),
    refetchInterval: isUnderWay(service) ? UNDER_WAY_MS : false,
  })

export const createService = (body: ServiceForm) => call(api.POST('/api/v1/services', { body }))

export const editService = (id: string, body: Schema<'ServicePatch'>) =>
  call(api.PATCH('/api/v1/services/{service_id}', { ...ofService(id), body }))

export const deleteService = (id: string) =>
  call(api.DELETE('/api/v1/services/{service_id}', ofService(id)))

export const startService = (id: string) =>
  call(api.POST('/api/v1/services/{service_id}/start', ofService(id)))

export const stopService = (id: string) =>
  call(api.POST('/api/v1/services/{service_id}/stop', ofService(id)))

export const setWeights = (id: string, weights: Record<string, number>) =>
  call(api.PUT('/api/v1/services/{service_id}/weights', { ...ofService(id), body: { weights } }))

export const addVersion = (id: string, body: VersionForm) =>
  call(api.POST('/api/v1/services/{service_id}/versions', { ...ofService(id), body }))

export const startVersion = (id: string) =>
  call(api.POST('/api/v1/services/versions/{version_id}/start', ofVersion(id)))

export const stopVersion = (id: string) =>
  call(api.POST('/api/v1/services/versions/{version_id}/stop', ofVersion(id)))

export const restartVersion = (id: string) =>
  call(api.POST('/api/v1/services/versions/{version_id}/restart', ofVersion(id)))

export const scaleVersion = (id: string, body: Schema<'ServiceScaleForm'>) =>
  call(api.POST('/api/v1/services/versions/{version_id}/scale', { ...ofVersion(id), body }))

export const scalingOf = (service: string, version: string) =>
  queryOptions({
    queryKey: oneKey('service', service, 'scaling', version),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/services/versions/{version_id}/scaling', {
          ...ofVersion(version),
          signal,
        }),
      ),
    refetchInterval: SAMPLES_MS,
  })

export const updateVersion = (id: string, body: Schema<'ServiceUpdateForm'>) =>
  call(api.POST('/api/v1/services/versions/{version_id}/update', { ...ofVersion(id), body }))

export const rollBack = (id: string, update: string) =>
  call(
    api.POST('/api/v1/services/versions/{version_id}/rollback', {
      ...ofVersion(id),
      body: { update_id: update },
    }),
  )

export const deleteVersion = (id: string) =>
  call(api.DELETE('/api/v1/services/versions/{version_id}', ofVersion(id)))

const ofReplica = ({ version_id, id }: Replica) => ({
  params: { path: { version_id, instance_id: id } },
})

export const isolateReplica = (one: Replica) =>
  call(
    api.POST('/api/v1/services/versions/{version_id}/instances/{instance_id}/isolate', {
      ...ofReplica(one),
    }),
  )

export const releaseReplica = (one: Replica) =>
  call(
    api.POST('/api/v1/services/versions/{version_id}/instances/{instance_id}/release', {
      ...ofReplica(one),
    }),
  )

export const rebuildReplica = (one: Replica) =>
  call(
    api.POST('/api/v1/services/versions/{version_id}/instances/{instance_id}/rebuild', {
      ...ofReplica(one),
    }),
  )

const ofKey = ({ service_id, id }: ServiceKey) => ({
  params: { path: { service_id, key_id: id } },
})

export const createKey = (service: string, body: Schema<'ServiceKeyForm'>) =>
  call(api.POST('/api/v1/services/{service_id}/keys', { ...ofService(service), body }))

export const editKey = (key: ServiceKey, body: Schema<'ServiceKeyPatch'>) =>
  call(api.PATCH('/api/v1/services/{service_id}/keys/{key_id}', { ...ofKey(key), body }))

export const deleteKey = (key: ServiceKey) =>
  call(api.DELETE('/api/v1/services/{service_id}/keys/{key_id}', ofKey(key)))

export const revealKey = (key: ServiceKey) =>
  call(api.POST('/api/v1/services/{service_id}/keys/{key_id}/reveal', ofKey(key)))

export const resetKey = (key: ServiceKey) =>
  call(api.POST('/api/v1/services/{service_id}/keys/{key_id}/reset', ofKey(key)))

export const enableKey = (key: ServiceKey) =>
  call(api.POST('/api/v1/services/{service_id}/keys/{key_id}/enable', ofKey(key)))

export const disableKey = (key: ServiceKey) =>
  call(api.POST('/api/v1/services/{service_id}/keys/{key_id}/disable', ofKey(key)))

export const requireKeys = (service: string, required: boolean) =>
  call(api.PUT('/api/v1/services/{service_id}/auth', { ...ofService(service), body: { required } }))

export const testService = (service: string, body: Schema<'ServiceTestForm'>) =>
  call(api.POST('/api/v1/services/{service_id}/test', { ...ofService(service), body }))
