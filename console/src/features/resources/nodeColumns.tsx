import { Link } from 'react-router'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import type { Column } from '@/ui/DataTable'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { tidy } from './amounts'
import { CardCells } from './CardMap'
import { Meter } from './Meter'
import type { Node } from './queries'
import { text } from './text'

/** Name, state and amounts: what every table of nodes shows. */
export function useAmountColumns(): Column<Node>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('node'),
      sortBy: 'name',
      render: (node) => (
        <span className="sw-name">
          <Link to={`/resources/nodes/${node.id}`}>{node.name}</Link>
          <small>
            {[node.id, node.host, node.zone, node.rack].filter((part) => part !== '').join(' · ')}
          </small>
        </span>
      ),
    },
    { key: 'state', title: t('state'), render: (node) => <NodeState node={node} /> },
    {
      key: 'cpu',
      title: t('cpu'),
      width: 150,
      render: (node) => (
        <Meter
          bare
          label={t('cpu')}
          held={node.cpu_cores_held}
          total={node.cpu_cores}
          words={t('free.of', {
            free: tidy(Math.max(0, node.cpu_cores - node.cpu_cores_held)),
            total: tidy(node.cpu_cores),
          })}
        />
      ),
    },
    {
      key: 'memory',
      title: t('memory'),
      width: 180,
      render: (node) => (
        <Meter
          bare
          label={t('memory')}
          held={node.memory_bytes_held}
          total={node.memory_bytes}
          words={t('free.of', {
            free: formatBytes(Math.max(0, node.memory_bytes - node.memory_bytes_held)),
            total: formatBytes(node.memory_bytes),
          })}
        />
      ),
    },
    { key: 'gpu', title: t('gpu'), render: (node) => <NodeCards node={node} /> },
  ]
}

/** The columns of a group's own list (RES-11). */
export function useNodeColumns(): Column<Node>[] {
  const t = useText(text)
  return [
    ...useAmountColumns(),
    {
      key: 'instances',
      title: t('instances'),
      align: 'right',
      render: ({ instances }) => <span className="sw-num">{instances}</span>,
    },
    {
      key: 'since',
      title: t('since'),
      render: ({ joined_at, created_by: by }) => (
        <span className="sw-name">
          <TimeText value={joined_at} />
          {by === '' ? null : <small>{t('since.by', { user: by })}</small>}
        </span>
      ),
    },
    {
      key: 'end',
      title: t('plannedEnd'),
      render: ({ planned_end }) => <TimeText value={planned_end} absolute />,
    },
  ]
}

/** The state, and beside it that the node takes no new work, each with its reason. */
export function NodeState({ node }: { node: Node }) {
  const t = useText(text)
  return (
    <span className="sw-row">
      <StatusTag state={node.state} reason={node.reason || null} />
      {node.cordoned ? (
        <StatusTag
          state={node.drain_until === null ? 'cordoned' : 'draining'}
          reason={node.cordon_reason || t('cordoned.why')}
        />
      ) : null}
    </span>
  )
}

function NodeCards({ node }: { node: Node }) {
  const t = useText(text)
  const { cards } = node
  if (cards.length === 0) return <span className="sw-faint">{t('gpu.none')}</span>
  const free = cards.reduce((all, card) => all + card.free, 0)
  const memory = cards.reduce((all, card) => all + card.free * card.memory_bytes, 0)
  return (
    <span className="sw-name">
      <CardCells cards={cards} />
      <small>
        {t('free.of', { free: tidy(free), total: cards.length })} ·{' '}
        {[...new Set(cards.map(({ model }) => model))].join(', ')}
      </small>
      <small>
        {t('cardMemory', {
          each: formatBytes(cards[0]?.memory_bytes ?? 0),
          free: formatBytes(memory),
        })}
      </small>
      {node.sharing_notice === '' ? null : (
        <small className="sw-late">
          <Sentence of={node.sharing_notice} />
        </small>
      )}
    </span>
  )
}
