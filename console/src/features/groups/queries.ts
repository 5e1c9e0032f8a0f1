import { api, call } from '@/api/client'
import { listQuery, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Group = Schema<'ServiceGroupView'>
export type NewGroup = Schema<'NewServiceGroupView'>
export type GroupForm = Schema<'ServiceGroupForm'>
export type Linked = Schema<'LinkedServiceView'>
export type Rules = Schema<'KeyRulesView'>

const KIND = 'service-group'
const ofGroup = (id: string) => ({ params: { path: { group_id: id } } })

export const groupList = (params: ListParams) =>
  listQuery(KIND, params, (signal) =>
    call(api.GET('/api/v1/service-groups', { params: { query: params }, signal })),
  )

export const oneGroup = (id: string) =>
  oneQuery(KIND, id, 'view', (signal) =>
    call(api.GET('/api/v1/service-groups/{group_id}', { ...ofGroup(id), signal })),
  )

/** Refreshed with every event of a service: what runs can be linked. */
export const linkable = () =>
  listQuery('service', 'linkable', (signal) =>
    call(api.GET('/api/v1/service-groups/linkable', { signal })),
  )

export const createGroup = (body: GroupForm) => call(api.POST('/api/v1/service-groups', { body }))

export const editGroup = (id: string, body: Schema<'ServiceGroupPatch'>) =>
  call(api.PATCH('/api/v1/service-groups/{group_id}', { ...ofGroup(id), body }))

export const deleteGroup = (id: string) =>
  call(api.DELETE('/api/v1/service-groups/{group_id}', ofGroup(id)))

export const enableGroup = (id: string) =>
  call(api.POST('/api/v1/service-groups/{group_id}/enable', ofGroup(id)))

export const disableGroup = (id: string) =>
  call(api.POST('/api/v1/service-groups/{group_id}/disable', ofGroup(id)))

export const revealKey = (id: string) =>
  call(api.POST('/api/v1/service-groups/{group_id}/reveal', ofGroup(id)))

export const resetKey = (id: string, overlap: number) =>
  call(
    api.POST('/api/v1/service-groups/{group_id}/reset', {
      ...ofGroup(id),
      body: { overlap_s: overlap },
    }),
  )

export const endOldKeys = (id: string) =>
  call(api.POST('/api/v1/service-groups/{group_id}/end-old-keys', ofGroup(id)))

export const banGroup = (id: string, reason: string) =>
  call(api.POST('/api/v1/service-groups/{group_id}/ban', { ...ofGroup(id), body: { reason } }))

export const unbanGroup = (id: string) =>
  call(api.POST('/api/v1/service-groups/{group_id}/unban', ofGroup(id)))
