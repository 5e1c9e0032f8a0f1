import { api, call } from '@/api/client'
import { oneKey, oneQuery } from '@/api/queries'
import { queryOptions } from '@tanstack/react-query'
import type { Schema } from '@/api/types'

export type Upstream = Schema<'UpstreamView'>
export type UpstreamForm = Schema<'UpstreamForm'>
export type Policy = Schema<'CallPolicyForm'>
export type Terms = Schema<'ModelRulesView'>
export type Audit = Schema<'AuditForm'>
export type Mirror = Schema<'MirrorView'>

const MIRROR_MS = 5_000

const ofService = (id: string) => ({ params: { path: { service_id: id } } })
const ofUpstream = ({ service_id, id }: Upstream) => ({
  params: { path: { service_id, upstream_id: id } },
})

export const upstreamList = (id: string) =>
  oneQuery('service', id, 'upstreams', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/upstreams', { ...ofService(id), signal })),
  )

export const callPolicy = (id: string) =>
  oneQuery('service', id, 'call-policy', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/call-policy', { ...ofService(id), signal })),
  )

export const modelTerms = (id: string) =>
  oneQuery('service', id, 'rules', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/rules', { ...ofService(id), signal })),
  )

export const mirrorOf = (id: string) =>
  queryOptions({
    queryKey: oneKey('service', id, 'mirror'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/services/{service_id}/mirror', { ...ofService(id), signal })),
    refetchInterval: MIRROR_MS,
  })

export const projectAudit = () =>
  oneQuery('service', 'project', 'audit', (signal) =>
    call(api.GET('/api/v1/project-audit', { signal })),
  )

export const addUpstream = (id: string, body: UpstreamForm) =>
  call(api.POST('/api/v1/services/{service_id}/upstreams', { ...ofService(id), body }))

export const editUpstream = (one: Upstream, body: Schema<'UpstreamPatch'>) =>
  call(
    api.PATCH('/api/v1/services/{service_id}/upstreams/{upstream_id}', {
      ...ofUpstream(one),
      body,
    }),
  )

export const deleteUpstream = (one: Upstream) =>
  call(api.DELETE('/api/v1/services/{service_id}/upstreams/{upstream_id}', ofUpstream(one)))

export const createExternal = (body: Schema<'ExternalServiceForm'>) =>
  call(api.POST('/api/v1/services/external', { body }))

export const setPolicy = (id: string, body: Policy) =>
  call(api.PUT('/api/v1/services/{service_id}/call-policy', { ...ofService(id), body }))

export const setTerms = (id: string, body: Schema<'ModelRulesForm'>) =>
  call(api.PUT('/api/v1/services/{service_id}/rules', { ...ofService(id), body }))

export const setProjectAudit = (body: Audit) => call(api.PUT('/api/v1/project-audit', { body }))
