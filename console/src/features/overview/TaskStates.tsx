import { Link } from 'react-router'
import { useText } from '@/base/text'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { text } from './text'

/** How many tasks are in each state; each leads to the list of just those. */
export function TaskStates({ tasks }: { tasks: Record<string, number> }) {
  const t = useText(text)
  const states = Object.entries(tasks).filter(([, count]) => count > 0)
  if (states.length === 0) return null
  return (
    <Panel title={t('tasksByState')}>
      <div className="overview-states">
        {states.map(([state, count]) => (
          <Link key={state} to={`/training?state=${encodeURIComponent(state)}`}>
            <StatusTag state={state} />
            <span className="sw-num">{count}</span>
          </Link>
        ))}
      </div>
    </Panel>
  )
}
