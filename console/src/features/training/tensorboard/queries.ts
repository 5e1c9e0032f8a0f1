import { api, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Board = Schema<'BoardView'>
export type BoardForm = Schema<'BoardForm'>
export type BoardChoice = Schema<'BoardChoice'>

const path = (id: string) => ({ params: { path: { task_id: id } } })

/** Its state moves with events of the task. */
export const taskBoard = (id: string) =>
  oneQuery('task', id, 'tensorboard', (signal) =>
    call(api.GET('/api/v1/training/tasks/{task_id}/tensorboard', { ...path(id), signal })),
  )

export const startBoard = ({ id, body }: { id: string; body: BoardForm }) =>
  call(api.POST('/api/v1/training/tasks/{task_id}/tensorboard', { ...path(id), body }))

export const stopBoard = (id: string) =>
  call(api.POST('/api/v1/training/tasks/{task_id}/tensorboard/stop', path(id)))
