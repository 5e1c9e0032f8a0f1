import { Alert, Drawer, Select } from 'antd'
import { useEffect, useRef } from 'react'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { TimeText } from '@/ui/TimeText'
import { Composer } from '../playground/Composer'
import { Thread } from '../playground/Thread'
import { NO_PARAMETERS, type Side } from '../playground/types'
import { useConversation } from '../playground/useConversation'
import type { Trial } from './queries'
import { text } from './text'
import '../playground/playground.css'
import './trial.css'

interface Props {
  trial: Trial | null
  /** Trials of the same task that are ready, to ask two at once. */
  ready: readonly Trial[]
  onClose: () => void
}

/** The conversation with a checkpoint. It is not kept: the checkpoint will not be there for long. */
export function TrialChat({ trial, ready, onClose }: Props) {
  const t = useText(text)
  return (
    <Drawer
      open={trial !== null}
      onClose={onClose}
      size={ready.length > 1 ? 960 : 640}
      title={t('chat.title', { name: trial?.checkpoint ?? '' })}
      destroyOnHidden
      classNames={{ body: 'trial-chat' }}
    >
      {trial === null ? null : <Chat key={trial.id} trial={trial} ready={ready} />}
    </Drawer>
  )
}

const sideOf = ({ service_id, checkpoint }: Trial): Side => ({
  service: service_id,
  serviceName: checkpoint,
  messages: [],
})

const NOTHING_KEPT = () => undefined

function Chat({ trial, ready }: { trial: Trial; ready: readonly Trial[] }) {
  const t = useText(text)
  const may = useMay()
  const chatting = useConversation(
    () => ({
      id: trial.id,
      title: '',
      updated: '',
      parameters: NO_PARAMETERS,
      sides: [sideOf(trial)],
    }),
    t('untitled'),
    NOTHING_KEPT,
  )
  const { conversation, busy, stop } = chatting
  const stopAtEnd = useRef(stop)
  useEffect(() => () => stopAtEnd.current(), [])
  const others = ready.filter(({ id }) => id !== trial.id)
  const choose = (id: string | null) => {
    const other = others.find(({ service_id }) => service_id === id)
    if (other === undefined) {
      chatting.setSides(1)
      return
    }
    const service = { id: other.service_id, name: other.checkpoint }
    chatting.setSides(2, service)
    if (conversation.sides.length > 1) chatting.setService(1, service)
  }
  const running = ready.some(({ id }) => id === trial.id)
  return (
    <>
      {running ? null : <Alert type="warning" showIcon title={t('chat.ended')} />}
      <div className="trial-head">
        {trial.idle_stop_at === null || !running ? null : (
          <span className="sw-faint">
            {t('chat.idle')} <TimeText value={trial.idle_stop_at} />
          </span>
        )}
        {others.length === 0 ? null : (
          <Select<string | null>
            aria-label={t('chat.beside')}
            disabled={busy}
            value={conversation.sides[1]?.service ?? null}
            onChange={choose}
            options={[
              { value: null, label: `${t('chat.beside')}: ${t('chat.besideNone')}` },
              ...others.map((one) => ({
                value: one.service_id,
                label: `${t('chat.beside')}: ${one.checkpoint}`,
              })),
            ]}
          />
        )}
      </div>
      <div className="playground-threads" data-two={conversation.sides.length > 1}>
        {conversation.sides.map((side, at) => (
          <div className="playground-thread" key={at}>
            {conversation.sides.length > 1 ? <strong>{side.serviceName}</strong> : null}
            <Thread messages={side.messages} busy={busy} onAgain={() => void chatting.again()} />
          </div>
        ))}
      </div>
      <Composer
        busy={busy}
        blocked={may('serve:service:call') ? null : t('mayNot')}
        onSend={(words) => void chatting.send(words)}
        onStop={stop}
      />
    </>
  )
}
