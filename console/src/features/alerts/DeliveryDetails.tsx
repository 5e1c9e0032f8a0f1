import { useText } from '@/base/text'
import { Facts } from '@/ui/Facts'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import type { Delivery } from './queries'
import { text } from './text'

/** What was told, and how each try went. */
export function DeliveryDetails({ delivery }: { delivery: Delivery }) {
  const t = useText(text)
  return (
    <div className="alerts-delivery">
      <section aria-label={t('log.message')}>
        <h3>{delivery.message.title}</h3>
        <Facts
          columns={2}
          items={delivery.message.lines.map(([label, value]) => ({ key: label, label, value }))}
        />
        <a href={delivery.message.link}>{delivery.message.link}</a>
      </section>
      <section aria-label={t('log.attempts')}>
        <h3>{t('log.attempts')}</h3>
        <Tries delivery={delivery} />
      </section>
    </div>
  )
}

function Tries({ delivery: { tries, target_kind } }: { delivery: Delivery }) {
  const t = useText(text)
  if (tries.length === 0) {
    return (
      <p className="sw-faint">{target_kind === 'inbox' ? t('log.noTries') : t('log.waiting')}</p>
    )
  }
  return (
    <ol className="alerts-tries">
      {tries.map((one) => (
        <li key={one.time} data-tone={one.ok ? 'good' : 'bad'}>
          <i aria-hidden className="sw-status-dot" />
          <div>
            <TimeText value={one.time} absolute /> · {t('log.took', { ms: one.duration_ms })}
            <p>{one.ok ? one.response : <Sentence of={one.error} />}</p>
            <small>
              {one.request}
              {!one.ok && one.response ? ` → ${one.response}` : ''}
            </small>
          </div>
        </li>
      ))}
    </ol>
  )
}
