import type { TaskDetail } from './queries'

export interface Progress {
  step: number
  totalSteps: number
  epoch: number | null
  percent: number
  /** Seconds that are left if it goes on as so far; null where that cannot be told. */
  etaSeconds: number | null
  stepsPerSecond: number | null
}

type Known = Pick<TaskDetail, 'progress' | 'started_at' | 'state'>

/** What a running task reported of its way: step x of y. Null where it reported no plan. */
export function progressOf({ progress, started_at, state }: Known): Progress | null {
  const step = numberIn(progress, 'step')
  const totalSteps = numberIn(progress, 'total_steps')
  if (step === null || totalSteps === null || totalSteps <= 0) return null
  const reported = numberIn(progress, 't')
  const elapsed =
    reported === null || started_at === null ? null : reported - Date.parse(started_at) / 1000
  const speed = elapsed === null || elapsed <= 0 || step <= 0 ? null : step / elapsed
  const left = Math.max(totalSteps - step, 0)
  return {
    step,
    totalSteps,
    epoch: numberIn(progress, 'epoch'),
    percent: Math.min((step / totalSteps) * 100, 100),
    etaSeconds: state === 'Running' && speed !== null ? left / speed : null,
    stepsPerSecond: speed,
  }
}

function numberIn(record: TaskDetail['progress'], name: string): number | null {
  const value = record?.[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
