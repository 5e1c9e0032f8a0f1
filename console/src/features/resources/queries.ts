import { api, call } from '@/api/client'
import { listKey, listQuery, oneKey, oneQuery } from '@/api/queries'
import { queryOptions } from '@tanstack/react-query'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Group = Schema<'GroupView'>
export type GroupDetail = Schema<'GroupDetail'>
export type Node = Schema<'NodeView'>
export type NodeDetail = Schema<'NodeDetail'>
export type Card = Schema<'CardView'>
export type CardSummary = Schema<'CardSummaryView'>
export type Holding = Schema<'HoldingView'>
export type QueueItem = Schema<'QueueItem'>
export type Free = Schema<'FreeView'>
export type Done = Schema<'DoneView'>
export type Ask = Schema<'AskView'>
export type Why = Schema<'WhyView'>
export type WorkloadName = Schema<'WorkloadName'>
export type DryRunResult = Schema<'DryRunView'>
export type Quota = Schema<'QuotaView'>
export type Flavour = Schema<'FlavourView'>
export type CardType = Schema<'CardTypeView'>
export type CardHours = Schema<'CardHoursView'>
export type IdleCard = Schema<'IdleCardsView'>
export type NodeEvent = Schema<'NodeEventView'>

/** Everything that a change of groups or nodes makes stale. */
export const TOUCHED = ['resource-group', 'node', 'queue']

const MOST = 200
/** What is held changes with any task or service, so any event refreshes it. */
const touched = { touchedByEvents: true }

/** Every group, for the forms that choose one. */
export const groupList = () =>
  queryOptions({
    queryKey: listKey('resource-group', 'all'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/resource-groups', { params: { query: { limit: MOST } }, signal })),
    meta: touched,
  })

export const groupPage = (params: ListParams) => ({
  ...listQuery('resource-group', params, (signal) =>
    call(api.GET('/api/v1/resource-groups', { params: { query: params }, signal })),
  ),
  meta: touched,
})

export const oneGroup = (id: string) => ({
  ...oneQuery('resource-group', id, 'view', (signal) =>
    call(
      api.GET('/api/v1/resource-groups/{group_id}', { params: { path: { group_id: id } }, signal }),
    ),
  ),
  meta: touched,
})

export const freeIn = (groupId: string) =>
  queryOptions({
    queryKey: oneKey('resource-group', groupId, 'free'),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/resource-groups/{group_id}/free', {
          params: { path: { group_id: groupId } },
          signal,
        }),
      ),
    meta: touched,
  })

export const nodePage = (group: string, params: ListParams) => ({
  ...listQuery('node', [group, params], (signal) =>
    call(api.GET('/api/v1/nodes', { params: { query: { ...params, group } }, signal })),
  ),
  meta: touched,
})

export const nodeHistory = (group: string, params: ListParams) =>
  listQuery('node', ['history', group, params], (signal) =>
    call(api.GET('/api/v1/nodes/history', { params: { query: { ...params, group } }, signal })),
  )

export const oneNode = (id: string) => ({
  ...oneQuery('node', id, 'view', (signal) =>
    call(api.GET('/api/v1/nodes/{node_id}', { params: { path: { node_id: id } }, signal })),
  ),
  meta: touched,
})

export const nodeEvents = (id: string) =>
  oneQuery('node', id, 'events', (signal) =>
    call(api.GET('/api/v1/nodes/{node_id}/events', { params: { path: { node_id: id } }, signal })),
  )

/** What holds resources of a group, or of one of its nodes. */
export const holdingPage = (group: string, node: string | null, params: ListParams) => ({
  ...listQuery('resource-group', ['holding', group, node, params], (signal) =>
    call(
      api.GET('/api/v1/resource-groups/{group_id}/holding', {
        params: {
          path: { group_id: group },
          query: { ...params, ...(node === null ? {} : { node }) },
        },
        signal,
      }),
    ),
  ),
  meta: touched,
})

export const queuePage = (group: string, params: ListParams) => ({
  ...listQuery('queue', [group, params], (signal) => {
    const query = { ...params, group }
    delete query.order // a queue has its own
    return call(api.GET('/api/v1/queue', { params: { query }, signal }))
  }),
  meta: touched,
})

export const whyWaiting = (workload: string) => ({
  ...oneQuery('queue', workload, 'why', (signal) =>
    call(
      api.GET('/api/v1/queue/{workload_id}/why', {
        params: { path: { workload_id: workload } },
        signal,
      }),
    ),
  ),
  meta: touched,
})

export const flavourList = (group: string) => ({
  ...oneQuery('resource-group', group, 'flavours', (signal) =>
    call(
      api.GET('/api/v1/resource-groups/{group_id}/flavours', {
        params: { path: { group_id: group } },
        signal,
      }),
    ),
  ),
  meta: touched,
})

export const cardTypes = () => ({
  ...listQuery('node', ['card-types'], (signal) => call(api.GET('/api/v1/card-types', { signal }))),
  meta: touched,
})

export function setSharing({ model, sharing }: { model: string; sharing: boolean }) {
  return call(
    api.PUT('/api/v1/card-types/{model}', { params: { path: { model } }, body: { sharing } }),
  )
}

export const GROUPED_BY = ['project', 'user', 'tag', 'group', 'card'] as const
export type GroupedBy = (typeof GROUPED_BY)[number]
/** Days back from now. */
export const RANGES = [1, 7, 30, 90] as const

/** From the start of the hour so many days ago: the same question for an hour. */
export function rangeOf(days: number): { start: string } {
  const start = new Date(Date.now() - days * 86_400_000)
  start.setMinutes(0, 0, 0)
  return { start: start.toISOString() }
}

export const cardHours = (by: GroupedBy, days: number, all: boolean) => ({
  ...listQuery('card-usage', [by, days, all], (signal) =>
    call(
      api.GET('/api/v1/usage/cards', {
        params: { query: { by, ...rangeOf(days), all_projects: all } },
        signal,
      }),
    ),
  ),
  meta: touched,
})

export const idleCards = (all: boolean) => ({
  ...listQuery('card-usage', ['idle', all], (signal) =>
    call(api.GET('/api/v1/usage/idle-cards', { params: { query: { all_projects: all } }, signal })),
  ),
  meta: touched,
})

export const quotaList = (group: string) => ({
  ...oneQuery('resource-group', group, 'quotas', (signal) =>
    call(
      api.GET('/api/v1/resource-groups/{group_id}/quotas', {
        params: { path: { group_id: group } },
        signal,
      }),
    ),
  ),
  meta: touched,
})

export function dryRunPolicy(group: string, policy: string) {
  return call(
    api.POST('/api/v1/resource-groups/{group_id}/policy/dry-run', {
      params: { path: { group_id: group } },
      body: { policy },
    }),
  )
}

interface QuotaPlace {
  group: string
  project_id: string
  card_model: string
}

const placeOf = ({ group, project_id, card_model }: QuotaPlace) => ({
  path: { group_id: group, project_id, card_model },
})

export function setQuota(quota: QuotaPlace & { guaranteed: number; maximum: number | null }) {
  const { guaranteed, maximum } = quota
  return call(
    api.PUT('/api/v1/resource-groups/{group_id}/quotas/{project_id}/{card_model}', {
      params: placeOf(quota),
      body: { guaranteed, maximum },
    }),
  )
}

export function deleteQuota(quota: QuotaPlace) {
  return call(
    api.DELETE('/api/v1/resource-groups/{group_id}/quotas/{project_id}/{card_model}', {
      params: placeOf(quota),
    }),
  )
}

/** A new one, or another content for the one with this id. */
export function saveFlavour({
  group,
  id,
  ...body
}: Schema<'FlavourForm'> & { group: string; id: string | null }) {
  if (id === null) {
    const path = { group_id: group }
    return call(api.POST('/api/v1/resource-groups/{group_id}/flavours', { params: { path }, body }))
  }
  const path = { group_id: group, flavour_id: id }
  return call(
    api.PUT('/api/v1/resource-groups/{group_id}/flavours/{flavour_id}', {
      params: { path },
      body,
    }),
  )
}

export function deleteFlavour({ group, id }: { group: string; id: string }) {
  const path = { group_id: group, flavour_id: id }
  return call(
    api.DELETE('/api/v1/resource-groups/{group_id}/flavours/{flavour_id}', { params: { path } }),
  )
}

export function createGroup(body: Schema<'GroupForm'>) {
  return call(api.POST('/api/v1/resource-groups', { body }))
}

export function changeGroup({ id, ...body }: Schema<'GroupPatch'> & { id: string }) {
  return call(
    api.PATCH('/api/v1/resource-groups/{group_id}', { params: { path: { group_id: id } }, body }),
  )
}

export function deleteGroup(id: string) {
  return call(
    api.DELETE('/api/v1/resource-groups/{group_id}', { params: { path: { group_id: id } } }),
  )
}

export function makeJoinToken(group: string) {
  return call(api.POST('/api/v1/nodes/join-token', { body: { group, lasts_s: 3600 } }))
}

export function moveNodes(body: Schema<'BatchMoveForm'>) {
  return call(api.POST('/api/v1/nodes/move', { body }))
}

export function releaseNodes(body: Schema<'BatchReleaseForm'>) {
  return call(api.POST('/api/v1/nodes/release', { body }))
}

const at = (id: string) => ({ params: { path: { node_id: id } } })

export const nodeCalls = {
  cordon: ({ id, reason }: { id: string; reason: string }) =>
    call(api.POST('/api/v1/nodes/{node_id}/cordon', { ...at(id), body: { reason } })),
  uncordon: (id: string) => call(api.POST('/api/v1/nodes/{node_id}/uncordon', at(id))),
  drain: ({ id, ...body }: { id: string; reason: string; time_limit_s: number }) =>
    call(api.POST('/api/v1/nodes/{node_id}/drain', { ...at(id), body })),
  repair: ({ id, reason }: { id: string; reason: string }) =>
    call(api.POST('/api/v1/nodes/{node_id}/repair', { ...at(id), body: { reason } })),
  endRepair: (id: string) => call(api.POST('/api/v1/nodes/{node_id}/end-repair', at(id))),
  dead: (id: string) =>
    call(api.POST('/api/v1/nodes/{node_id}/dead', { ...at(id), body: { confirm: true } })),
  place: ({ id, ...body }: { id: string; zone: string; rack: string }) =>
    call(api.PATCH('/api/v1/nodes/{node_id}', { ...at(id), body })),
  planEnd: ({ id, planned_end }: { id: string; planned_end: string | null }) =>
    call(api.PATCH('/api/v1/nodes/{node_id}', { ...at(id), body: { planned_end } })),
  rejoin: ({ id, group }: { id: string; group: string }) =>
    call(api.POST('/api/v1/nodes/{node_id}/rejoin', { ...at(id), body: { group } })),
}
