import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { tidy } from '../amounts'
import { idleCards, type IdleCard } from '../queries'
import { text } from '../text'

const PATHS: Record<string, string> = {
  training: '/training',
  service: '/services',
  evaluation: '/evaluations',
}

/** What holds cards and did not use them in the last hour. */
export function IdleCards({ all }: { all: boolean }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(idleCards(all))
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Panel flush title={t('idle')}>
      <DataTable<IdleCard>
        label={t('idle')}
        rows={data?.items ?? []}
        rowKey={({ instance_id }) => instance_id}
        loading={data === undefined}
        columns={[
          { key: 'name', title: t('holding.name'), render: (one) => <Name of={one} /> },
          {
            key: 'node',
            title: t('node'),
            render: ({ node_id }) => <Link to={`/resources/nodes/${node_id}`}>{node_id}</Link>,
          },
          {
            key: 'cards',
            title: t('gpu'),
            align: 'right',
            render: ({ cards }) => <span className="sw-num">{tidy(cards)}</span>,
          },
          {
            key: 'busy',
            title: t('usage.busy'),
            align: 'right',
            render: ({ busy }) => <span className="sw-num">{(busy * 100).toFixed(1)} %</span>,
          },
          {
            key: 'since',
            title: t('idle.since'),
            render: ({ held_since }) => <TimeText value={held_since} />,
          },
        ]}
        empty={<EmptyState title={t('idle.none')} hint={t('idle.noneHint')} />}
      />
    </Panel>
  )
}

function Name({ of: { kind, owner_id, name } }: { of: IdleCard }) {
  const path = PATHS[kind]
  return (
    <span className="sw-name">
      {path === undefined ? name : <Link to={`${path}/${owner_id}`}>{name}</Link>}
      <small className="sw-mono">{owner_id}</small>
    </span>
  )
}
