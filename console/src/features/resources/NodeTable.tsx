import { Tooltip } from 'antd'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { StatusTag } from '@/ui/StatusTag'
import { cardsOf } from './amounts'
import { Meter } from './Meter'
import type { Node } from './queries'
import { text } from './text'

/** The machines of a group: what each has and how much of it is held. */
export function NodeTable({ nodes, label }: { nodes: readonly Node[]; label: string }) {
  return (
    <DataTable
      label={label}
      rows={nodes}
      rowKey={(node) => node.id}
      rowName={(node) => node.name}
      columns={useNodeColumns()}
    />
  )
}

function useNodeColumns(): Column<Node>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('node'),
      render: (node) => (
        <span className="sw-name">
          <strong>{node.name}</strong>
          <small>
            {node.id} · {node.host}
          </small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: (node) => <StatusTag state={node.state === 'running' ? 'ready' : 'unavailable'} />,
    },
    {
      key: 'cpu',
      title: t('cpu'),
      width: 190,
      render: (node) => (
        <Meter
          bare
          label={t('cpu')}
          held={node.cpu_cores_held}
          total={node.cpu_cores}
          words={t('of', { held: cores(node.cpu_cores_held), total: cores(node.cpu_cores) })}
        />
      ),
    },
    {
      key: 'memory',
      title: t('memory'),
      width: 190,
      render: (node) => (
        <Meter
          bare
          label={t('memory')}
          held={node.memory_bytes_held}
          total={node.memory_bytes}
          words={t('of', {
            held: formatBytes(node.memory_bytes_held),
            total: formatBytes(node.memory_bytes),
          })}
        />
      ),
    },
    { key: 'gpu', title: t('gpu'), render: (node) => <Cards node={node} /> },
    {
      key: 'instances',
      title: t('instances'),
      align: 'right',
      render: (node) => <span className="sw-num">{node.instances}</span>,
    },
  ]
}

/** One square a card: filled where it is held. */
function Cards({ node }: { node: Node }) {
  const t = useText(text)
  const cards = cardsOf(node)
  if (cards.length === 0) return <span className="sw-faint">{t('gpu.none')}</span>
  const held = cards.filter((card) => card.held).length
  return (
    <span className="sw-name">
      <span className="resources-cards">
        {cards.map((card) => (
          <Tooltip
            key={card.index}
            title={t(card.held ? 'card.held' : 'card.free', {
              index: card.index,
              model: card.model,
              memory: card.memory_bytes === null ? '' : formatBytes(card.memory_bytes),
            })}
          >
            <i data-held={card.held} />
          </Tooltip>
        ))}
      </span>
      <small>
        {t('of', { held, total: cards.length })} · {[...new Set(cards.map((c) => c.model))].join()}
      </small>
    </span>
  )
}

export function cores(value: number): string {
  return String(Math.round(value * 100) / 100)
}
