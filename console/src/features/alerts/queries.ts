import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey, listQuery, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Rule = Schema<'AlertRuleView'>
export type Condition = Schema<'ConditionForm'>
export type EventService = Schema<'EventServiceView'>
export type Target = Schema<'AlertTargetView'>
export type NewTarget = Schema<'NewAlertTargetView'>
export type TargetKind = Schema<'TargetKind'>
export type Delivery = Schema<'DeliveryView'>
export type TestResult = Schema<'TestResult'>

const MOST = 200

export const ruleList = (params: ListParams) =>
  listQuery('alert_rule', params, (signal) =>
    call(api.GET('/api/v1/alerts/rules', { params: { query: params }, signal })),
  )

export const oneRule = (id: string) =>
  oneQuery('alert_rule', id, 'view', (signal) =>
    call(api.GET('/api/v1/alerts/rules/{rule_id}', { params: { path: { rule_id: id } }, signal })),
  )

export const targetList = (params: ListParams) =>
  listQuery('alert_target', params, (signal) =>
    call(api.GET('/api/v1/alerts/targets', { params: { query: params }, signal })),
  )

export const allTargets = () => targetList({ limit: MOST, order: 'name' })

export const deliveryList = (params: ListParams) =>
  listQuery('alert_delivery', params, (signal) =>
    call(api.GET('/api/v1/alerts/deliveries', { params: { query: params }, signal })),
  )

export const eventServices = () =>
  listQuery('alert-service', null, (signal) => call(api.GET('/api/v1/alerts/services', { signal })))

export const taskChoices = () =>
  listQuery('task', 'alert choices', (signal) =>
    call(api.GET('/api/v1/training/tasks', { params: { query: { limit: MOST } }, signal })),
  )

/** What a condition would do; a mistake in it is part of the answer. */
export const conditionTest = (body: Schema<'TestForm'>) =>
  queryOptions({
    queryKey: listKey('alert-test', body),
    queryFn: ({ signal }) => call(api.POST('/api/v1/alerts/test', { body, signal })),
    placeholderData: keepPreviousData,
  })

export const taskNotice = (taskId: string) =>
  oneQuery('task', taskId, 'notice', (signal) =>
    call(
      api.GET('/api/v1/alerts/notices/{service}/{subject}', {
        params: { path: { service: 'training', subject: taskId } },
        signal,
      }),
    ),
  )

export function saveRule(id: string | null, body: Schema<'AlertRuleForm'>) {
  return id === null
    ? call(api.POST('/api/v1/alerts/rules', { body }))
    : call(api.PUT('/api/v1/alerts/rules/{rule_id}', { params: { path: { rule_id: id } }, body }))
}

export function setRuleEnabled({ id, enabled }: { id: string; enabled: boolean }) {
  const params = { path: { rule_id: id } }
  return enabled
    ? call(api.POST('/api/v1/alerts/rules/{rule_id}/enable', { params }))
    : call(api.POST('/api/v1/alerts/rules/{rule_id}/disable', { params }))
}

export function deleteRule(id: string) {
  return call(api.DELETE('/api/v1/alerts/rules/{rule_id}', { params: { path: { rule_id: id } } }))
}

export function createTarget(body: Schema<'AlertTargetForm'>) {
  return call(api.POST('/api/v1/alerts/targets', { body }))
}

export function updateTarget(id: string, body: Schema<'AlertTargetForm'>) {
  return call(
    api.PUT('/api/v1/alerts/targets/{target_id}', { params: { path: { target_id: id } }, body }),
  )
}

export function testTarget(id: string) {
  return call(
    api.POST('/api/v1/alerts/targets/{target_id}/test', { params: { path: { target_id: id } } }),
  )
}

export function replaceSecret(id: string) {
  return call(
    api.POST('/api/v1/alerts/targets/{target_id}/secret', { params: { path: { target_id: id } } }),
  )
}

export function deleteTarget(id: string) {
  return call(
    api.DELETE('/api/v1/alerts/targets/{target_id}', { params: { path: { target_id: id } } }),
  )
}

export function resendDelivery(id: string) {
  return call(
    api.POST('/api/v1/alerts/deliveries/{delivery_id}/resend', {
      params: { path: { delivery_id: id } },
    }),
  )
}

export function setNotice(body: Schema<'NoticeForm'>) {
  return call(api.PUT('/api/v1/alerts/notices', { body }))
}

export function removeNotice(taskId: string) {
  return call(
    api.DELETE('/api/v1/alerts/notices/{service}/{subject}', {
      params: { path: { service: 'training', subject: taskId } },
    }),
  )
}
