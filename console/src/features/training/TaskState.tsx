import { Tooltip } from 'antd'
import { Link } from 'react-router'
import { formatDuration } from '@/base/format'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { useNow } from '@/ui/now'
import { StatusTag } from '@/ui/StatusTag'
import type { Task } from './queries'
import { text } from './text'

/** The state with its reason. A queued task tells how long it waits and leads to the queue. */
export function TaskState({ task }: { task: Task }) {
  const waiting = useWaitWords(task)
  if (waiting === null) return <StatusTag state={task.state} reason={task.reason} />
  return (
    <Tooltip title={waiting}>
      <Link to={`/resources/${task.resource_group}/tasks?show=queued`} className="training-queued">
        <StatusTag state={task.state} />
      </Link>
    </Tooltip>
  )
}

function useWaitWords({ state, queued_at, reason, priority }: Task): string | null {
  const t = useText(text)
  const say = useSentence()
  const now = useNow()
  if (state !== 'Queued' || queued_at === null) return null
  const seconds = Math.max((now.getTime() - Date.parse(queued_at)) / 1000, 0)
  const waited = t('waited', { time: formatDuration(seconds), priority: priority ?? 0 })
  return reason === '' ? waited : `${waited} ${say(reason)}`
}
