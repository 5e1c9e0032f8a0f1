import { Drawer } from 'antd'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { eventWords } from '@/ui/events'
import { Facts } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { TimeText } from '@/ui/TimeText'
import type { PlatformEvent } from './queries'
import { text } from './text'

/** One event with all that it holds. */
export function EventDrawer({
  event,
  onClose,
}: {
  event: PlatformEvent | null
  onClose: () => void
}) {
  const [language] = usePreference('language')
  return (
    <Drawer
      open={event !== null}
      onClose={onClose}
      size={560}
      title={event === null ? null : eventWords(event.type, language)}
    >
      {event === null ? null : <Details event={event} />}
    </Drawer>
  )
}

function Details({ event }: { event: PlatformEvent }) {
  const t = useText(text)
  return (
    <div className="sw-stack">
      <Facts
        columns={2}
        items={[
          { key: 'time', label: t('time'), value: <TimeText value={event.time} absolute /> },
          { key: 'type', label: t('event'), value: <code>{event.type}</code> },
          { key: 'object', label: t('object'), value: <IdText value={event.subject_id} /> },
          { key: 'who', label: t('who'), value: event.actor ?? event.actor_id ?? t('platform') },
          { key: 'project', label: t('project'), value: event.project_id },
          { key: 'id', label: t('id'), value: <IdText value={event.id} /> },
        ]}
      />
      <CodeBlock
        title={t('data')}
        samples={[{ language: 'JSON', code: JSON.stringify(event.data, null, 2) }]}
      />
    </div>
  )
}
