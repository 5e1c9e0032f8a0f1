import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { usePreference } from '@/base/preferences'
import { useText, type KeyOf } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { eventTone, eventWords } from '@/ui/events'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import { eventText } from '../eventText'
import { taskEvents, type TaskDetail } from '../queries'
import { text } from '../text'

/** What happened to the task, newest first. */
export function EventsTab({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const [language] = usePreference('language')
  const { data, error, refetch } = useQuery(taskEvents(task.id))
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 6 }} />
  if (data.items.length === 0) return <EmptyState title={t('events.empty')} />
  return (
    <Panel>
      <ol className="training-events">
        {data.items.map((event) => (
          <li key={event.seq} data-tone={eventTone(event.type)}>
            <TimeText value={event.time} absolute />
            <i aria-hidden />
            <span>
              <strong>{eventWords(event.type, language)}</strong>
              <code className="sw-faint">{event.type}</code>{' '}
              {isChange(event.type) ? <StatusTag state={String(event.data.state)} /> : null}
              <Meaning type={event.type} />
              {reasonOf(event.data) === '' ? null : (
                <p>
                  <Sentence of={reasonOf(event.data)} />
                </p>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Meaning({ type }: { type: string }) {
  const t = useText(eventText)
  const name = type.replace('training:', '')
  return isKnown(name) ? <p className="sw-soft">{t(name)}</p> : null
}

type Known = KeyOf<typeof eventText>
const KNOWN: readonly string[] = [
  'taskScheduling',
  'taskStateChanged',
  'taskRunning',
  'taskCompleted',
  'taskExecuteFailed',
  'taskRestarted',
  'taskPreempted',
  'taskReleased',
  'taskStopping',
  'taskStopped',
  'taskEdited',
  'taskDeleted',
] satisfies readonly Known[]

function isKnown(name: string): name is Known {
  return KNOWN.includes(name)
}

/** An event of its own names its state already. */
function isChange(type: string): boolean {
  return type === 'training:taskStateChanged'
}

function reasonOf({ reason }: Record<string, unknown>): string {
  return typeof reason === 'string' ? reason : ''
}
