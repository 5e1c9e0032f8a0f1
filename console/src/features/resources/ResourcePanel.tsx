import { useQuery } from '@tanstack/react-query'
import { Drawer, Skeleton } from 'antd'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { CardWords } from './FreeCards'
import { HoldingList } from './HoldingList'
import { useAmountColumns } from './nodeColumns'
import { freeIn, type Free, type Group, type Node } from './queries'
import { text } from './text'

interface Props {
  group: Group
  open: boolean
  onClose: () => void
}

/** By card type: the nodes with what they have free, each with the work that runs on it. */
export function ResourcePanel({ group, open, onClose }: Props) {
  const t = useText(text)
  const { data, error, refetch } = useQuery({ ...freeIn(group.id), enabled: open })
  return (
    <Drawer
      open={open}
      size={1080}
      title={t('panel.title', { name: group.name })}
      onClose={onClose}
    >
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Skeleton active />
        ) : null
      ) : (
        <Types free={data} groupId={group.id} />
      )}
    </Drawer>
  )
}

function Types({ free, groupId }: { free: Free; groupId: string }) {
  const t = useText(text)
  const bare = free.nodes.filter(({ cards }) => cards.length === 0)
  return (
    <div className="sw-stack">
      {free.cards.map((card) => (
        <section key={card.model} className="resources-type">
          <h3>{card.model}</h3>
          <p className="sw-soft">
            <CardWords card={card} />
          </p>
          <Nodes
            label={card.model}
            groupId={groupId}
            nodes={free.nodes.filter(({ cards }) =>
              cards.some(({ model }) => model === card.model),
            )}
          />
        </section>
      ))}
      {bare.length > 0 ? (
        <section className="resources-type">
          <h3>{t('panel.noCards')}</h3>
          <Nodes label={t('panel.noCards')} groupId={groupId} nodes={bare} />
        </section>
      ) : null}
    </div>
  )
}

function Nodes(props: { label: string; groupId: string; nodes: readonly Node[] }) {
  return (
    <DataTable
      label={props.label}
      rows={props.nodes}
      rowKey={(node) => node.id}
      columns={useAmountColumns()}
      expandedRow={(node) => <HoldingList groupId={props.groupId} nodeId={node.id} />}
    />
  )
}
