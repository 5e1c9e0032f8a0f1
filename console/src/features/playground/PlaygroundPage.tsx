import { ApiOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Frame } from './Frame'
import { conversationOfPreset } from './preset'
import { everyTried, oneConversation, onePreset, triedServices } from './queries'
import { text } from './text'
import {
  freshConversation,
  KINDS,
  type Conversation,
  type Kind,
  type Opened,
  type Service,
} from './types'
import { Workbench } from './Workbench'
import './playground.css'

/**
 * `?kind=` says what is tried, `?service=` with whom to begin, `?chat=` opens a conversation of the
 * history, `?preset=` (and `?version=`) begins one with a saved prompt.
 */
export function PlaygroundPage() {
  const [query] = useSearchParams()
  const [bench, setBench] = useState({ number: 0, begun: null as string | null })
  const chat = query.get('chat')
  const preset = query.get('preset')
  // A conversation that got its id on this bench stays on it; any other address is another bench.
  const own = chat !== null && chat === bench.begun
  const place = own ? 'own' : [chat, preset, query.get('version')].join('/')
  const [shown, setShown] = useState(place)
  if (!own && place !== shown) {
    setShown(place)
    setBench({ number: bench.number + 1, begun: null })
  }
  const restart = () => setBench({ number: bench.number + 1, begun: null })
  const opened = {
    onBegun: (id: string) => setBench({ ...bench, begun: id }),
    onRestart: restart,
  }
  const key = String(bench.number)
  if (chat !== null && !own) return <OfHistory key={key} id={chat} {...opened} />
  if (preset !== null && chat === null) {
    return (
      <OfPreset key={key} id={preset} version={Number(query.get('version')) || null} {...opened} />
    )
  }
  return <Fresh key={key} {...opened} />
}

function OfHistory({ id, ...opened }: Opened & { id: string }) {
  const { data, error, refetch } = useQuery(oneConversation(id))
  if (error !== null) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Waiting />
  return <WithServices kind={data.kind} start={() => data} {...opened} />
}

function OfPreset({ id, version, ...opened }: Opened & { id: string; version: number | null }) {
  const { data, error, refetch } = useQuery(onePreset(id))
  if (error !== null) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Waiting />
  return (
    <WithServices
      kind={data.kind}
      start={(services) => conversationOfPreset(data, version, services)}
      {...opened}
    />
  )
}

function Fresh(opened: Opened) {
  const [query] = useSearchParams()
  const asked = KINDS.find((one) => one === query.get('kind'))
  const wanted = query.get('service')
  // A link that names only the service leads to what that service is for.
  const unsaid = asked === undefined && wanted !== null
  const { data, isPending } = useQuery({ ...everyTried(), enabled: unsaid })
  if (unsaid && isPending) return <Waiting />
  const kind = asked ?? data?.find(({ id }) => id === wanted)?.kinds[0] ?? 'chat'
  return (
    <WithServices
      key={kind}
      kind={kind}
      start={(services) =>
        freshConversation(
          kind,
          services
            .filter(({ id }) => id === wanted)
            .concat(services)
            .slice(0, 1),
        )
      }
      {...opened}
    />
  )
}

interface WithServicesProps extends Opened {
  kind: Kind
  start: (services: readonly Service[]) => Conversation | null
}

function WithServices({ kind, start, ...opened }: WithServicesProps) {
  const { data, error, refetch } = useQuery(triedServices(kind))
  if (error !== null) return <Failed error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Waiting />
  const conversation = data.length > 0 ? start(data) : null
  if (conversation === null || conversation.sides.length === 0) return <NoService kind={kind} />
  return <Workbench start={conversation} services={data} {...opened} />
}

function Waiting() {
  return (
    <Frame kind={null}>
      <Skeleton active paragraph={{ rows: 8 }} />
    </Frame>
  )
}

function Failed({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <Frame kind="chat">
      <ErrorState error={error} onRetry={onRetry} />
    </Frame>
  )
}

function NoService({ kind }: { kind: Kind }) {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <Frame kind={kind}>
      <Panel>
        <EmptyState
          icon={<ApiOutlined aria-hidden />}
          title={t(`service.none.${kind}`)}
          hint={t(`service.noneHint.${kind}`)}
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
    </Frame>
  )
}
