import { useNow } from '@/ui/now'
import { Duration } from '@/ui/Quantity'
import type { Task } from './queries'

type Timed = Pick<Task, 'started_at' | 'ended_at' | 'run_time_s'>

/** How long it ran; while it runs, the time goes on without asking the server. */
export function RunTime({ task }: { task: Timed }) {
  const now = useNow()
  const { started_at, ended_at, run_time_s } = task
  if (started_at === null || ended_at !== null) return <Duration seconds={run_time_s} />
  const since = (now.getTime() - Date.parse(started_at)) / 1000
  return <Duration seconds={Math.max(since, run_time_s ?? 0)} />
}
