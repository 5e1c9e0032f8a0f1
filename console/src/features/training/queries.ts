import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/api/client'
import { listKey, listQuery, oneKey, oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type Task = Schema<'TaskView'>
export type TaskDetail = Schema<'TaskDetail'>
export type TaskForm = Schema<'TaskForm'>
export type Instance = Schema<'InstanceView'>
export type MetricSeries = Schema<'SeriesView'>
export type Sample = Schema<'SamplesView'>['items'][number]
export type Checkpoint = Schema<'CheckpointView'>
export type Environment = Schema<'EnvironmentView'>
export type Attempt = Schema<'AttemptView'>
export type TaskPlan = Schema<'TaskPlan'>
export type Template = Schema<'TemplateView'>

/** Figures grow inside files while a task runs; no event tells of each line, so these are asked. */
const FIGURES_MS = 3_000
const SAMPLES_MS = 5_000
const CHECKPOINTS_MS = 10_000

const ACTIVE = new Set(['Submitting', 'Queued', 'Starting', 'Running', 'Stopping'])

export function isActive({ state }: Pick<Task, 'state'>): boolean {
  return ACTIVE.has(state)
}

const path = (id: string) => ({ params: { path: { task_id: id } } })

export const taskList = (params: ListParams) =>
  listQuery('task', params, (signal) =>
    call(api.GET('/api/v1/training/tasks', { params: { query: params }, signal })),
  )

/** With its progress, which moves while the task runs. */
export const oneTask = (id: string) =>
  queryOptions({
    queryKey: oneKey('task', id, 'view'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/training/tasks/{task_id}', { ...path(id), signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'Running' ? FIGURES_MS : false),
  })

export const instanceList = (id: string) =>
  oneQuery('task', id, 'instances', (signal) =>
    call(api.GET('/api/v1/training/tasks/{task_id}/instances', { ...path(id), signal })),
  )

export const attemptList = (id: string) =>
  oneQuery('task', id, 'attempts', (signal) =>
    call(api.GET('/api/v1/training/tasks/{task_id}/attempts', { ...path(id), signal })),
  )

/** What a form would become; the same form has the same answer for as long as it is looked at. */
export const taskPlan = (body: TaskForm) =>
  queryOptions({
    queryKey: listKey('task-plan', body),
    queryFn: ({ signal }) => call(api.POST('/api/v1/training/tasks/plan', { body, signal })),
  })

export const taskMetrics = (id: string, active: boolean) =>
  queryOptions({
    queryKey: oneKey('task', id, 'metrics'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/training/tasks/{task_id}/metrics', { ...path(id), signal })),
    refetchInterval: active ? FIGURES_MS : false,
  })

export const instanceSamples = (id: string, instance: string, active: boolean) =>
  queryOptions({
    queryKey: oneKey('task', id, 'samples', instance),
    queryFn: ({ signal }) =>
      call(
        api.GET('/api/v1/training/tasks/{task_id}/instances/{instance_id}/samples', {
          params: { path: { task_id: id, instance_id: instance } },
          signal,
        }),
      ),
    refetchInterval: active ? SAMPLES_MS : false,
  })

export const taskEvents = (id: string) =>
  oneQuery('task', id, 'events', (signal) =>
    call(api.GET('/api/v1/training/tasks/{task_id}/events', { ...path(id), signal })),
  )

export const checkpointList = (id: string, active: boolean) =>
  queryOptions({
    queryKey: oneKey('task', id, 'checkpoints'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/training/tasks/{task_id}/checkpoints', { ...path(id), signal })),
    refetchInterval: active ? CHECKPOINTS_MS : false,
  })

export const environmentList = () =>
  queryOptions({
    queryKey: listKey('environment'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/training/environments', { signal })),
  })

export const templateList = () =>
  queryOptions({
    queryKey: listKey('template'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/training/templates', { signal })),
  })

export const createTask = (body: TaskForm) => call(api.POST('/api/v1/training/tasks', { body }))

export const stopTask = (id: string) =>
  call(api.POST('/api/v1/training/tasks/{task_id}/stop', path(id)))

export const startTask = (id: string) =>
  call(api.POST('/api/v1/training/tasks/{task_id}/start', path(id)))

export const editTask = (id: string, body: Schema<'TaskPatch'>) =>
  call(api.PATCH('/api/v1/training/tasks/{task_id}', { ...path(id), body }))

export const deleteTask = (id: string, withOutputs: boolean) =>
  call(
    api.DELETE('/api/v1/training/tasks/{task_id}', {
      params: { path: { task_id: id }, query: { with_outputs: withOutputs } },
    }),
  )

export const publishTask = (id: string, body: Schema<'PublishForm'>) =>
  call(api.POST('/api/v1/training/tasks/{task_id}/publish', { ...path(id), body }))

export const modelFormats = () =>
  queryOptions({
    queryKey: listKey('model-format'),
    queryFn: ({ signal }) => call(api.GET('/api/v1/models/formats', { signal })),
  })

export type LogSettings = Schema<'LogSettingsView'>

export const logSettings = (id: string, active: boolean) =>
  queryOptions({
    queryKey: oneKey('task', id, 'log-settings'),
    queryFn: ({ signal }) =>
      call(api.GET('/api/v1/training/tasks/{task_id}/log-settings', { ...path(id), signal })),
    // Delivered bytes are no event; while nothing is delivered there is nothing to ask.
    refetchInterval: ({ state }) => (active && state.data?.deliver ? SAMPLES_MS : false),
  })

export const setDelivery = ({ id, deliver }: { id: string; deliver: boolean }) =>
  call(api.PUT('/api/v1/training/tasks/{task_id}/log-settings', { ...path(id), body: { deliver } }))

export const taskNetwork = (id: string) =>
  oneQuery('task', id, 'network', (signal) =>
    call(api.GET('/api/v1/training/tasks/{task_id}/network', { ...path(id), signal })),
  )

export type RecordCheck = Schema<'RecordCheckView'>

export const taskReproduction = (id: string) =>
  oneQuery('task', id, 'reproduction', (signal) =>
    call(api.GET('/api/v1/training/tasks/{task_id}/reproduction', { ...path(id), signal })),
  )

export const rerunTask = ({ id, name }: { id: string; name: string }) =>
  call(api.POST('/api/v1/training/tasks/{task_id}/rerun', { ...path(id), body: { name } }))

export type ProcessProfile = Schema<'ProcessProfileView'>

interface ProfileAsked {
  task: string
  instance: string
  seconds: number
  idle: boolean
}

/** Answers when it has looked for so long. */
export const profileInstance = ({ task, instance, ...body }: ProfileAsked) =>
  call(
    api.POST('/api/v1/training/tasks/{task_id}/instances/{instance_id}/profile', {
      params: { path: { task_id: task, instance_id: instance } },
      body,
    }),
  )
