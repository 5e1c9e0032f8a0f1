import { Alert, Drawer, Select } from 'antd'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { TimeText } from '@/ui/TimeText'
import { Composer } from '../playground/Composer'
import { Thread } from '../playground/Thread'
import { freshConversation } from '../playground/types'
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

const serviceOf = ({ service_id, checkpoint }: Trial) => ({ id: service_id, name: checkpoint })

function Chat({ trial, ready }: { trial: Trial; ready: readonly Trial[] }) {
  const t = useText(text)
  const may = useMay()
  // Without a place in the history: nothing of it is kept.
  const chatting = useConversation(() => freshConversation('chat', [serviceOf(trial)]))
  const { conversation, busy, stop } = chatting
  const others = ready.filter(({ id }) => id !== trial.id)
  const choose = (id: string | null) => {
    const other = others.find(({ service_id }) => service_id === id)
    if (other === undefined) chatting.removeSide(1)
    else if (conversation.sides.length > 1) chatting.setService(1, serviceOf(other))
    else chatting.addSide(serviceOf(other))
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
      <div className="playground-threads">
        {conversation.sides.map((side, at) => (
          <div className="playground-thread" key={side.slot}>
            {conversation.sides.length > 1 ? <strong>{side.serviceName}</strong> : null}
            <Thread turns={side.turns} busy={busy} onAgain={() => void chatting.again(at)} />
          </div>
        ))}
      </div>
      <Composer
        busy={busy}
        blocked={may('serve:service:call') ? null : t('mayNot')}
        onSend={(words) => void chatting.send(words, [])}
        onStop={stop}
      />
    </>
  )
}
