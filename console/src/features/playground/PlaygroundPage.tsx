import { ApiOutlined, ColumnWidthOutlined, ControlOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Select, Skeleton } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Navigate, useNavigate, useSearchParams } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { Composer } from './Composer'
import { HistoryList } from './HistoryList'
import { ParametersDrawer } from './ParametersDrawer'
import { chatServices, type Service } from './queries'
import { Thread } from './Thread'
import { text } from './text'
import type { Side } from './types'
import { newId, openConversation, useConversation } from './useConversation'
import './playground.css'

/** `?service=` says with whom to begin, `?chat=` opens a conversation of the history. */
export function PlaygroundPage() {
  const t = useText(text)
  const [query] = useSearchParams()
  const { data, error, refetch } = useQuery(chatServices())
  const start = data?.find(({ id }) => id === query.get('service')) ?? data?.[0]
  if (data === undefined || start === undefined) {
    return (
      <Page title={t('title')} description={t('lead')}>
        {error !== null ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <Skeleton active paragraph={{ rows: 8 }} />
        ) : (
          <NoService />
        )}
      </Page>
    )
  }
  const chat = query.get('chat')
  if (chat === null) return <Navigate to={freshChat(start.id)} replace />
  // Another conversation is another page: what runs in the old one ends with it.
  return <Playground key={chat} chat={chat} services={data} start={sideOf(start)} />
}

function freshChat(service: string): string {
  return `/playground?service=${service}&chat=${newId()}`
}

function sideOf({ id, name }: Service): Side {
  return { service: id, serviceName: name, messages: [] }
}

function NoService() {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <Panel>
      <EmptyState
        icon={<ApiOutlined aria-hidden />}
        title={t('service.none')}
        hint={t('service.noneHint')}
        action={
          <span className="sw-row">
            <Button type="primary" onClick={() => void navigate('/services/new')}>
              {t('service.new')}
            </Button>
            <Button onClick={() => void navigate('/services')}>{t('service.list')}</Button>
          </span>
        }
      />
    </Panel>
  )
}

interface Props {
  chat: string
  services: readonly Service[]
  start: Side
}

function Playground({ chat, services, start }: Props) {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const [tuning, setTuning] = useState(false)
  const chatting = useConversation(() => openConversation(chat, start), t('untitled'))
  const { conversation, busy, stop } = chatting
  const stopAtEnd = useRef(stop)
  useEffect(() => () => stopAtEnd.current(), [])
  const two = conversation.sides.length > 1
  const other = services.find(({ id }) => id !== conversation.sides[0]?.service)
  const fresh = () => void navigate(freshChat(conversation.sides[0]?.service ?? start.service))
  return (
    <Page
      title={t('title')}
      description={t('lead')}
      actions={
        <span className="sw-row">
          <Button
            icon={<ColumnWidthOutlined aria-hidden />}
            aria-pressed={two}
            disabled={busy}
            onClick={() => chatting.setSides(two ? 1 : 2, other)}
          >
            {t(two ? 'compare.end' : 'compare')}
          </Button>
          <Button icon={<ControlOutlined aria-hidden />} onClick={() => setTuning(true)}>
            {t('parameters')}
          </Button>
        </span>
      }
    >
      <div className="playground">
        <aside className="playground-side" aria-label={t('history')}>
          <Button block icon={<PlusOutlined aria-hidden />} disabled={busy} onClick={fresh}>
            {t('new')}
          </Button>
          <HistoryList open={conversation.id} busy={busy} />
        </aside>
        <section className="playground-main">
          <div className="playground-threads" data-two={two}>
            {conversation.sides.map((side, at) => (
              <div className="playground-thread" key={at}>
                <ServiceSelect
                  side={side}
                  services={services}
                  disabled={busy}
                  onChange={(service) => chatting.setService(at, service)}
                />
                <Thread
                  messages={side.messages}
                  busy={busy}
                  onAgain={() => void chatting.again()}
                />
              </div>
            ))}
          </div>
          <Composer
            busy={busy}
            blocked={may('serve:service:call') ? null : t('mayNot')}
            onSend={(words) => void chatting.send(words)}
            onStop={chatting.stop}
          />
        </section>
      </div>
      <ParametersDrawer
        open={tuning}
        value={conversation.parameters}
        onChange={chatting.setParameters}
        onClose={() => setTuning(false)}
      />
    </Page>
  )
}

interface SelectProps {
  side: Side
  services: readonly Service[]
  disabled: boolean
  onChange: (service: Service) => void
}

function ServiceSelect({ side, services, disabled, onChange }: SelectProps) {
  const t = useText(text)
  const known = services.map(({ id, name }) => ({ value: id, label: name }))
  // A conversation of the history may be with a service that is stopped now: it keeps its name.
  const gone = known.every(({ value }) => value !== side.service)
  return (
    <Select
      className="playground-service"
      aria-label={t('service')}
      disabled={disabled}
      showSearch={{ optionFilterProp: 'label' }}
      value={side.service}
      onChange={(id: string) => {
        const found = services.find((one) => one.id === id)
        if (found) onChange(found)
      }}
      options={
        gone ? [{ value: side.service, label: side.serviceName, disabled: true }, ...known] : known
      }
    />
  )
}
