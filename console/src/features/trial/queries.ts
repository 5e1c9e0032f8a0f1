import { api, call } from '@/api/client'
import { listQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Trial = Schema<'TrialView'>
export type TrialForm = Schema<'TrialForm'>
export type CheckpointEvaluation = Schema<'EvaluationView'>

const MOST_EVALUATIONS = 200

/** The trials of a task's checkpoints. Under "service": what happens to their services shows here. */
export const trialList = (taskId: string) =>
  listQuery('service', ['trials', taskId], (signal) =>
    call(api.GET('/api/v1/trials', { params: { query: { task_id: taskId } }, signal })),
  )

/** Evaluations of a task's checkpoints, newest first. */
export const checkpointEvaluations = (taskId: string) =>
  listQuery('evaluation', ['of-task', taskId], (signal) =>
    call(
      api.GET('/api/v1/evaluations', {
        params: { query: { task_id: taskId, limit: MOST_EVALUATIONS, order: '-created_at' } },
        signal,
      }),
    ),
  )

const path = (id: string) => ({ params: { path: { trial_id: id } } })

export const startTrial = (body: TrialForm) => call(api.POST('/api/v1/trials', { body }))

export const stopTrial = (id: string) => call(api.POST('/api/v1/trials/{trial_id}/stop', path(id)))
