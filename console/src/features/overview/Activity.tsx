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
  model_version: '/models',
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
  const name = project?.name ?? nameOf(event)
  const place = placeOf(event)
  return place === null ? <b>{name}</b> : <Link to={place}>{name}</Link>
}

function placeOf({ type, subject_kind, subject_id, data }: RecentEvent): string | null {
  if (/(task|dataset|model|version|evaluation|bucket)Deleted$|^service:deleted$/.test(type)) {
    return null
  }
  const id = typeof data.model_id === 'string' ? data.model_id : subject_id
  const place = PLACES[subject_kind]
  return place === undefined ? null : `${place}/${encodeURIComponent(id)}`
}

function nameOf({ subject_id, data }: RecentEvent): string {
  const names = [data.taskName, data.name, data.model_name, data.version_id]
  const name = names.find((one) => typeof one === 'string' && one !== '')
  if (typeof name !== 'string') return subject_id
  return typeof data.version === 'string' ? `${name} ${data.version}` : name
}
