import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { eventTone } from '@/ui/events'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import { markMessage, type InboxMessage } from './queries'
import { text } from './text'

interface Props {
  message: InboxMessage
  onOpen?: () => void
}

/** One message. Following it marks it as read. */
export function MessageCard({ message, onOpen }: Props) {
  const t = useText(text)
  const mark = useApiMutation(markMessage, ['inbox'])
  const unread = message.read_at === null
  const open = () => {
    if (unread) mark.mutate({ id: message.id, read: true })
    onOpen?.()
  }
  return (
    <li className="inbox-message" data-unread={unread} data-tone={eventTone(message.event_type)}>
      <i aria-hidden className="sw-status-dot" />
      <div>
        <header>
          {/* Another project's page needs that project's address: the whole one. */}
          <a href={pathOf(message.link)} onClick={open}>
            {message.title}
          </a>
          <TimeText value={message.created_at} />
        </header>
        <dl>
          {message.lines.slice(0, LINES).map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Sentence of={value} />
              </dd>
            </div>
          ))}
        </dl>
        <button
          type="button"
          className="inbox-mark"
          onClick={() => mark.mutate({ id: message.id, read: unread })}
        >
          {unread ? t('read') : t('unreadAgain')}
        </button>
      </div>
    </li>
  )
}

const LINES = 12

/** The link names the console by its public address; here it stays in this tab's. */
export function pathOf(link: string): string {
  try {
    const { pathname, search } = new URL(link)
    return pathname + search
  } catch {
    return '/'
  }
}
