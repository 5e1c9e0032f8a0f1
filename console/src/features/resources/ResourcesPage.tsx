import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IdText } from '@/ui/IdText'
import { Page, Panel } from '@/ui/Page'
import { NodeTable } from './NodeTable'
import { groupList, type Group } from './queries'
import { Queue } from './Queue'
import { text } from './text'
import { Totals } from './Totals'

/** What the platform computes on, what of it is held, and what waits for it. */
export function ResourcesPage() {
  const t = useText(text)
  const { data, error, refetch } = useQuery(groupList())
  return (
    <Page title={t('title')} description={t('lead')}>
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Skeleton active paragraph={{ rows: 8 }} />
        ) : null
      ) : (
        <div className="sw-stack">
          <Totals nodes={data.items.flatMap((group) => group.nodes)} />
          {data.items.map((group) => (
            <GroupPanel key={group.id} group={group} />
          ))}
          <Queue groups={data.items} />
        </div>
      )}
    </Page>
  )
}

function GroupPanel({ group }: { group: Group }) {
  const t = useText(text)
  return (
    <Panel
      flush
      title={
        <span className="sw-row">
          {group.name}
          <IdText value={group.id} />
          <span className="sw-faint resources-engine">{t('engine', { name: group.engine })}</span>
        </span>
      }
    >
      {group.nodes.length === 0 ? (
        <EmptyState title={t('nodes.empty')} hint={t('nodes.emptyHint')} />
      ) : (
        <NodeTable nodes={group.nodes} label={group.name} />
      )}
    </Panel>
  )
}
