import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import { useParams } from 'react-router'
import { formatBytes } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { DetailPage } from '@/ui/DetailPage'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton } from '@/ui/Facts'
import { Page, Panel } from '@/ui/Page'
import { eventWords } from '@/ui/events'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { tidy } from './amounts'
import { CardCells } from './CardMap'
import { HoldingList } from './HoldingList'
import { Meter } from './Meter'
import { NodeDialogs, useNodeDialogs } from './nodes/NodeDialogs'
import { useNodeActions } from './nodes/useNodeActions'
import { nodeEvents, oneNode, type NodeDetail, type NodeEvent } from './queries'
import './resources.css'
import { text } from './text'

/** `/resources/nodes/:id/:tab?`: one machine. */
export function NodePage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneNode(id))
  if (data !== undefined) return <Loaded node={data} />
  return (
    <Page title={id} back={{ to: '/resources', label: t('title') }}>
      <Panel>
        {error === null ? (
          <FactsSkeleton />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Panel>
    </Page>
  )
}

function Loaded({ node }: { node: NodeDetail }) {
  const t = useText(text)
  const { tab } = useParams()
  const dialogs = useNodeDialogs()
  const actions = useNodeActions(dialogs)
  return (
    <>
      <DetailPage
        title={node.name}
        id={node.id}
        state={node.state}
        reason={node.reason || null}
        back={{ to: `/resources/${node.group_id}`, label: node.group_name || t('title') }}
        actions={actions(node).filter(({ key }) => key !== 'view')}
        tab={tab}
        path={`/resources/nodes/${node.id}`}
        top={<Notices node={node} />}
        tabs={[
          {
            key: 'tasks',
            label: t('tab.tasks'),
            render: () => (
              <Panel flush>
                <HoldingList groupId={node.group_id} nodeId={node.id} />
              </Panel>
            ),
          },
          { key: 'machine', label: t('tab.machine'), render: () => <Machine node={node} /> },
          { key: 'checks', label: t('tab.checks'), render: () => <Checks node={node} /> },
          { key: 'events', label: t('tab.events'), render: () => <Events id={node.id} /> },
        ]}
      />
      <NodeDialogs dialogs={dialogs} />
    </>
  )
}

function Notices({ node }: { node: NodeDetail }) {
  const t = useText(text)
  return (
    <div className="sw-stack">
      {node.reason === '' ? null : (
        <Alert
          type={node.state === 'abnormal' ? 'error' : 'info'}
          showIcon
          title={<Sentence of={node.reason} />}
        />
      )}
      {node.cordoned ? (
        <Alert
          type="warning"
          showIcon
          title={t(node.drain_until === null ? 'cordoned.title' : 'draining.title')}
          description={
            <>
              {node.cordon_reason ? <Sentence of={node.cordon_reason} /> : t('cordoned.why')}{' '}
              {node.drain_until === null ? null : (
                <>
                  {t('draining.until')} <TimeText value={node.drain_until} absolute />
                </>
              )}
            </>
          }
        />
      ) : null}
      <Panel>
        <div className="resources-free-bars">
          <Meter
            label={t('cpu')}
            held={node.cpu_cores_held}
            total={node.cpu_cores}
            words={t('held.of', { held: tidy(node.cpu_cores_held), total: tidy(node.cpu_cores) })}
          />
          <Meter
            label={t('memory')}
            held={node.memory_bytes_held}
            total={node.memory_bytes}
            words={t('held.of', {
              held: formatBytes(node.memory_bytes_held),
              total: formatBytes(node.memory_bytes),
            })}
          />
        </div>
        {node.cards.length > 0 ? <CardCells cards={node.cards} large /> : null}
      </Panel>
    </div>
  )
}

/** By card type: whether a part of a card can be asked for, or why not (RES-32). */
function Sharing({ node }: { node: NodeDetail }) {
  const t = useText(text)
  if (node.cards.length === 0) return null
  const models = [...new Set(node.cards.map(({ model }) => model))]
  return models.map((model) => {
    const off = node.cards.find((card) => card.model === model && !card.shares)
    return (
      <div key={model}>
        {model}:{' '}
        {off === undefined ? (
          t('on')
        ) : off.sharing_off ? (
          <Sentence of={off.sharing_off} />
        ) : (
          t('off')
        )}
      </div>
    )
  })
}

function Machine({ node }: { node: NodeDetail }) {
  const t = useText(text)
  const said = (key: string) => {
    const value = node.info[key]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const free = node.info.environment_free_bytes
  return (
    <Panel>
      <Facts
        columns={3}
        items={[
          { key: 'host', label: t('address'), value: node.host },
          { key: 'engine', label: t('engine'), value: node.engine },
          { key: 'zone', label: t('zone'), value: node.zone || null },
          { key: 'rack', label: t('rack'), value: node.rack || null },
          { key: 'sharing', label: t('types.sharing'), value: <Sharing node={node} /> },
          { key: 'os', label: t('os'), value: said('os') },
          { key: 'kernel', label: t('kernel'), value: said('kernel') },
          { key: 'cpu', label: t('processor'), value: said('cpu_model') },
          { key: 'driver', label: t('driver'), value: said('driver') },
          {
            key: 'space',
            label: t('environmentSpace'),
            value: typeof free === 'number' ? formatBytes(free) : null,
          },
          { key: 'by', label: t('createdBy'), value: node.created_by || null },
          { key: 'since', label: t('since'), value: <TimeText value={node.joined_at} absolute /> },
          {
            key: 'end',
            label: t('plannedEnd'),
            value: <TimeText value={node.planned_end} absolute />,
          },
          { key: 'ended', label: t('ended'), value: <TimeText value={node.ended_at} absolute /> },
          { key: 'machine', label: t('machineId'), value: node.machine_id || null, wide: true },
        ]}
      />
    </Panel>
  )
}

const LEVELS: Record<string, string> = { ok: 'ready', warning: 'unavailable', blocked: 'failed' }

const CHECKS = [
  'cpu_vendor',
  'disk',
  'environment_space',
  'internet',
  'networks',
  'ports',
  'sharing',
  'storage',
] as const

function CheckName({ name }: { name: string }) {
  const t = useText(text)
  const known = CHECKS.find((one) => one === name)
  return known === undefined ? name : t(`check.${known}`)
}

function Checks({ node }: { node: NodeDetail }) {
  const t = useText(text)
  return (
    <Panel flush>
      {node.checks.length === 0 ? (
        <EmptyState title={t('checks.empty')} />
      ) : (
        <DataTable
          label={t('tab.checks')}
          rows={node.checks}
          rowKey={({ name }) => name}
          columns={[
            { key: 'name', title: t('check'), render: ({ name }) => <CheckName name={name} /> },
            {
              key: 'level',
              title: t('state'),
              render: ({ level }) => <StatusTag state={LEVELS[level] ?? level} />,
            },
            {
              key: 'words',
              title: t('reason'),
              render: ({ sentence }) => (
                <div className="resources-reason">
                  <Sentence of={sentence} />
                </div>
              ),
            },
          ]}
        />
      )}
    </Panel>
  )
}

function Events({ id }: { id: string }) {
  const t = useText(text)
  const { data } = useQuery(nodeEvents(id))
  return (
    <Panel flush>
      <DataTable<NodeEvent>
        label={t('tab.events')}
        rows={data?.items ?? []}
        rowKey={({ seq }) => String(seq)}
        loading={data === undefined}
        columns={useEventColumns()}
        empty={<EmptyState title={t('events.empty')} />}
      />
    </Panel>
  )
}

function useEventColumns(): Column<NodeEvent>[] {
  const t = useText(text)
  const [language] = usePreference('language')
  return [
    { key: 'time', title: t('time'), render: ({ time }) => <TimeText value={time} absolute /> },
    { key: 'type', title: t('event'), render: ({ type }) => eventWords(type, language) },
    {
      key: 'state',
      title: t('state'),
      render: ({ type, data }) =>
        type === 'nodeStateChanged' && typeof data.after === 'string' ? (
          <StatusTag state={data.after} />
        ) : (
          '–'
        ),
    },
    {
      key: 'reason',
      title: t('reason'),
      render: ({ data }) => {
        const words = data.why ?? data.reason
        return (
          <div className="resources-reason">
            {typeof words === 'string' ? <Sentence of={words} /> : null}
          </div>
        )
      },
    },
  ]
}
