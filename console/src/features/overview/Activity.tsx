import { Link } from 'react-router'
import { useProjects } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { eventTone, eventWords } from '@/ui/events'
import { TimeText } from '@/ui/TimeText'
import type { RecentEvent } from './queries'
import { text } from './text'

/** Where the subject of an event is to be seen. */
const PLACES: Record<string, string> = {
  task: '/training',
  dataset: '/datasets',
  model: '/models',
  service: '/services',
  evaluation: '/evaluations',
  bucket: '/storage',
  project: '/projects',
}

export function Activity({ events }: { events: readonly RecentEvent[] }) {
  const t = useText(text)
  const [language] = usePreference('language')
  if (events.length === 0) {
    return <EmptyState title={t('activity.empty')} hint={t('activity.emptyHint')} />
  }
  return (
    <ol className="overview-events">
      {events.map((event) => (
        <li key={event.id}>
          <i aria-hidden data-tone={eventTone(event.type)} />
          <span>
            {eventWords(event.type, language)} <Subject event={event} />
          </span>
          <TimeText value={event.time} />
        </li>
      ))}
    </ol>
  )
}

function Subject({ event }: { event: RecentEvent }) {
  const project = useProjects().find(({ id }) => id === event.subject_id)
  const name = project?.name ?? nameOf(event) ?? event.subject_id
  const place = PLACES[event.subject_kind]
  if (place === undefined || /deleted/i.test(event.type)) return <b>{name}</b>
  return <Link to={`${place}/${encodeURIComponent(event.subject_id)}`}>{name}</Link>
}

function nameOf({ data }: RecentEvent): string | undefined {
  return [data.taskName, data.name].find((name) => typeof name === 'string' && name !== '') as
    string | undefined
}
