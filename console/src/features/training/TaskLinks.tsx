import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { taskName } from './sources'

/** Other tasks by name, with the way there; a deleted one keeps its id. */
export function TaskLinks({ ids }: { ids: readonly string[] }) {
  return (
    <span className="sw-row">
      {ids.map((id) => (
        <TaskLink key={id} id={id} />
      ))}
    </span>
  )
}

function TaskLink({ id }: { id: string }) {
  const { data } = useQuery(taskName(id))
  return <Link to={`/training/${id}`}>{data?.name ?? id}</Link>
}
