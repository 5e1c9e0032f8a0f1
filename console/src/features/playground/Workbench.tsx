import {
  BookOutlined,
  CloseOutlined,
  CodeOutlined,
  HistoryOutlined,
  PlusOutlined,
} from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Tooltip } from 'antd'
import { useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { BenchPanel } from './BenchPanel'
import { CodeDialog } from './CodeDialog'
import { Composer } from './Composer'
import { Frame } from './Frame'
import { HistoryDrawer } from './HistoryDrawer'
import { ImageBench } from './ImageBench'

import { PresetsDrawer } from './PresetsDrawer'
import { beginConversation, HISTORY, historySwitch, rateAnswer } from './queries'
import { ServiceSelect } from './ServiceSelect'
import { text } from './text'
import { Thread } from './Thread'
import {
  MOST_SIDES,
  type Conversation,
  type Kind,
  type Opened,
  type Rule,
  type Service,
} from './types'
import { useConversation, type Chatting, type Keeping } from './useConversation'

interface Props extends Opened {
  start: Conversation
  services: readonly Service[]
}

/** One conversation and everything around it. */
export function Workbench({ start, services, onBegun, onRestart }: Props) {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const [open, setOpen] = useState<'history' | 'presets' | 'code' | null>(null)
  const chatting = useConversation(() => start, useKeeping(start.kind, onBegun))
  const { conversation } = chatting
  const { kind, sides } = conversation
  const service = services.find(({ id }) => id === sides[0]?.service)
  const rules = service?.rules ?? services[0]?.rules ?? []
  const blocked = may('serve:service:call') ? null : t('mayNot')
  const fresh = () => {
    onRestart()
    void navigate(`/playground?kind=${kind}&service=${sides[0]?.service ?? ''}`)
  }
  const common = { chatting, services, rules, blocked }
  return (
    <Frame
      kind={kind}
      actions={
        <>
          <Button icon={<PlusOutlined aria-hidden />} onClick={fresh}>
            {t('new')}
          </Button>
          <Button icon={<BookOutlined aria-hidden />} onClick={() => setOpen('presets')}>
            {t('presets')}
          </Button>
          <Button icon={<CodeOutlined aria-hidden />} onClick={() => setOpen('code')}>
            {t('code')}
          </Button>
          <Button icon={<HistoryOutlined aria-hidden />} onClick={() => setOpen('history')}>
            {t('history')}
          </Button>
        </>
      }
    >
      {kind === 'image' ? <ImageBench {...common} /> : <ChatBench {...common} />}
      <HistoryDrawer
        open={open === 'history'}
        current={conversation.id}
        onOpen={(id) => {
          setOpen(null)
          void navigate(`/playground?chat=${id}`)
        }}
        onGone={(id) => (id === null || id === conversation.id) && fresh()}
        onClose={() => setOpen(null)}
      />
      <PresetsDrawer
        open={open === 'presets'}
        conversation={conversation}
        onLoad={(id, version) => {
          setOpen(null)
          onRestart()
          void navigate(`/playground?preset=${id}&version=${version}`)
        }}
        onClose={() => setOpen(null)}
      />
      <CodeDialog
        open={open === 'code'}
        conversation={conversation}
        services={services}
        onClose={() => setOpen(null)}
      />
    </Frame>
  )
}

/** How the history hears of it. Where it is switched off, nothing is begun. */
function useKeeping(kind: Kind, onBegun: (id: string) => void): Keeping {
  const client = useQueryClient()
  const navigate = useNavigate()
  const notify = useNotify()
  const { data } = useQuery(historySwitch)
  const keeps = data?.keeps ?? true
  return {
    begin: async (title) => {
      if (!keeps) return null
      const { id } = await beginConversation(kind, title)
      onBegun(id)
      void navigate(`/playground?kind=${kind}&chat=${id}`, { replace: true })
      return id
    },
    rate: async (turnId, rating) => {
      await rateAnswer(turnId, rating).catch(notify.problem)
      await client.invalidateQueries({ queryKey: [HISTORY] })
    },
    changed: () => void client.invalidateQueries({ queryKey: [HISTORY] }),
  }
}

interface BenchProps {
  chatting: Chatting
  services: readonly Service[]
  rules: readonly Rule[]
  blocked: string | null
}

function ChatBench({ chatting, services, rules, blocked }: BenchProps) {
  const t = useText(text)
  const { conversation, busy } = chatting
  const { kind, sides, persona, parameters } = conversation
  const asked = sides.some(({ turns }) => turns.some(({ pictures }) => pictures.length > 0))
  return (
    <div className="playground">
      <aside className="playground-panel" aria-label={t('bench')}>
        <div className="playground-panel-head">
          <h2>{t(sides.length > 1 ? 'services' : 'service')}</h2>
          <AddSide chatting={chatting} services={services} />
        </div>
        {sides.map((side, at) => (
          <div className="playground-side" key={side.slot}>
            <ServiceSelect
              side={side}
              services={services}
              disabled={busy}
              onChange={(service) => chatting.setService(at, service)}
            />
            {sides.length > 1 ? (
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined aria-hidden />}
                aria-label={t('compare.remove', { name: side.serviceName })}
                disabled={busy}
                onClick={() => chatting.removeSide(at)}
              />
            ) : null}
          </div>
        ))}
        <BenchPanel
          rules={rules}
          persona={persona}
          parameters={parameters}
          onPersona={chatting.setPersona}
          onParameters={chatting.setParameters}
        />
      </aside>
      <section className="playground-main" aria-label={t('conversation')}>
        <div className="playground-threads" data-sides={sides.length}>
          {sides.map((side, at) => (
            <div className="playground-thread" key={side.slot}>
              {sides.length > 1 ? <h3>{side.serviceName}</h3> : null}
              <Thread
                turns={side.turns}
                busy={busy}
                prices={services.find(({ id }) => id === side.service)?.prices}
                emptyHint={kind === 'vision' ? t('emptyHint.vision') : undefined}
                onAgain={() => void chatting.again(at)}
                onEdit={(where, words) =>
                  void chatting.send(words, side.turns[where]?.pictures ?? [], where)
                }
                onRate={(where, rating) => void chatting.rate(at, where, rating)}
              />
            </div>
          ))}
        </div>
        <Composer
          busy={busy}
          blocked={blocked}
          pictures={kind === 'vision'}
          needsPicture={kind === 'vision' && !asked}
          onSend={(words, pictures) => void chatting.send(words, pictures)}
          onStop={chatting.stop}
        />
      </section>
    </div>
  )
}

/** One model more to ask the same; the next that is not asked yet. */
function AddSide({ chatting, services }: Pick<BenchProps, 'chatting' | 'services'>) {
  const t = useText(text)
  const { sides } = chatting.conversation
  const next = useMemo(
    () =>
      services.find(({ id }) => sides.every(({ service }) => service !== id)) ??
      services[0] ??
      null,
    [services, sides],
  )
  const full = sides.length >= MOST_SIDES
  return (
    <Tooltip
      placement="right"
      title={full ? t('compare.full', { most: MOST_SIDES }) : t('compare.hint')}
    >
      <Button
        size="small"
        type="text"
        icon={<PlusOutlined aria-hidden />}
        disabled={chatting.busy || full || next === null}
        onClick={() => next !== null && chatting.addSide(next)}
      >
        {t('compare')}
      </Button>
    </Tooltip>
  )
}
