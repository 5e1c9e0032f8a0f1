import type { Task } from './queries'

/** How many are labelled, as a bar and in numbers. */
export function Done({ task }: { task: Task }) {
  const { done, records } = task.counts
  return (
    <span className="label-done">
      <span className="label-progress" aria-hidden>
        <i style={{ width: `${records === 0 ? 0 : (100 * done) / records}%` }} />
      </span>
      <span className="sw-num sw-nowrap">
        {done} / {records}
      </span>
    </span>
  )
}
