import { CheckCircleFilled, MinusCircleOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { eventWords } from '@/ui/events'
import { JsonEditor, parseJson } from '@/ui/JsonEditor'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import type { EventService, TestResult } from './queries'
import { text } from './text'

interface Props {
  service: EventService | undefined
  result: TestResult | undefined
  sample: Record<string, unknown> | null
  onSample: (sample: Record<string, unknown> | null) => void
}

/** Beside the rule: the sample event and the newest real ones, and what the rule makes of them. */
export function TryOut({ service, result, sample, onSample }: Props) {
  const t = useText(text)
  const [written, setWritten] = useState<string | null>(null)
  const shown = written ?? JSON.stringify(service?.sample ?? {}, null, 2)
  const change = (next: string) => {
    setWritten(next)
    const { parsed } = parseJson(next)
    if (isEvent(parsed)) onSample(parsed)
  }
  const reset = () => {
    setWritten(null)
    onSample(null)
  }
  return (
    <aside className="alerts-try" aria-label={t('try.title')}>
      <Panel
        title={t('try.sample')}
        actions={result?.sample ? <Verdict matches={result.sample.matches} /> : null}
      >
        <JsonEditor aria-label={t('try.sample')} rows={16} value={shown} onChange={change} />
        <p className="alerts-try-foot">
          <span className="sw-faint">{t('try.sampleHint')}</span>
          {sample === null && written === null ? null : (
            <Button type="link" size="small" onClick={reset}>
              {t('try.reset')}
            </Button>
          )}
        </p>
      </Panel>
      <Panel title={t('try.recent')}>
        <Recent events={result?.recent ?? []} />
      </Panel>
    </aside>
  )
}

function Verdict({ matches }: { matches: boolean }) {
  const t = useText(text)
  return (
    <span className="alerts-verdict" data-matches={matches} role="status">
      {matches ? <CheckCircleFilled aria-hidden /> : <MinusCircleOutlined aria-hidden />}
      {matches ? t('try.matches') : t('try.matchesNot')}
    </span>
  )
}

function Recent({ events }: { events: TestResult['recent'] }) {
  const t = useText(text)
  const [language] = usePreference('language')
  if (events.length === 0) return <p className="sw-faint">{t('try.noRecent')}</p>
  const matching = events.filter(({ matches }) => matches).length
  return (
    <>
      <p className="sw-soft">{t('try.recentCount', { matching, count: events.length })}</p>
      <ol className="alerts-recent">
        {events.map(({ event, matches }) => (
          <li key={String(event.id)} data-matches={matches}>
            <Verdict matches={matches} />
            <span>
              {eventWords(String(event.type), language)} <small>{String(event.subject)}</small>
            </span>
            <TimeText value={String(event.time)} />
          </li>
        ))}
      </ol>
    </>
  )
}

function isEvent(parsed: unknown): parsed is Record<string, unknown> {
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
}
