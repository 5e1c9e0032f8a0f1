import { Alert, Button, Skeleton } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { sentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { Said } from './connection'
import { text } from './text'

// The terminal is large and seldom wanted: it is loaded when the first shell opens.
const Screen = lazy(() => import('./Screen'))

interface Props {
  path: string
}

/** One shell with what is to be known of it. A new one after the end begins afresh. */
export function ShellPane({ path }: Props) {
  const t = useText(text)
  const [attempt, setAttempt] = useState(0)
  const [said, setSaid] = useState<Said | null>(null)
  const [gone, setGone] = useState(false)
  const again = () => {
    setSaid(null)
    setGone(false)
    setAttempt(attempt + 1)
  }
  return (
    <div className="webshell-pane">
      {gone ? (
        <Alert
          type={said?.state === 'closed' ? 'info' : 'warning'}
          showIcon
          role="alert"
          title={said?.state === 'open' || said === null ? t('broken') : t('ended')}
          description={whyOf(said)}
          action={<Button onClick={again}>{t('again')}</Button>}
        />
      ) : null}
      <Suspense fallback={<Skeleton active paragraph={{ rows: 6 }} />}>
        <Screen key={attempt} path={path} onSaid={setSaid} onGone={() => setGone(true)} />
      </Suspense>
      <p className="sw-faint" role="status">
        {gone ? null : <Notes said={said} />}
      </p>
    </div>
  )
}

function whyOf(said: Said | null): string | null {
  if (said?.state === 'refused') return sentence(said.message)
  return said?.state === 'closed' ? sentence(said.reason) : null
}

function Notes({ said }: { said: Said | null }) {
  const t = useText(text)
  if (said?.state !== 'open') return t('connecting')
  const minutes = Math.round(said.idle_s / 60)
  const notes = [
    t('connected'),
    t(said.namespace ? 'namespace' : 'noNamespace'),
    t('audit'),
    t('idle', { minutes }),
  ]
  return notes.join(' · ')
}
