import { useQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { WorkName } from './HoldingList'
import { useKindWords } from './kinds'
import { queueList, type GroupDetail, type QueueItem } from './queries'
import { text } from './text'

/** What waits in a group, in the order in which it is tried, and what each waits for. */
export function Queue({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(queueList())
  const columns = useQueueColumns()
  const own = data?.items.filter((item) => item.group_id === group.id)
  const rows = (own ?? []).map((item, index) => ({ ...item, place: index + 1 }))
  return (
    <Panel flush title={t('queue')}>
      {error === null ? (
        own?.length === 0 ? (
          <EmptyState title={t('queue.empty')} hint={t('queue.emptyHint')} />
        ) : (
          <DataTable
            label={t('queue')}
            rows={rows}
            rowKey={(item) => item.workload_id}
            rowName={(item) => item.name}
            loading={data === undefined}
            columns={columns}
          />
        )
      ) : (
        <div className="sw-pad">
          <ErrorState error={error} onRetry={() => void refetch()} />
        </div>
      )}
    </Panel>
  )
}

type Row = QueueItem & { place: number }

function useQueueColumns(): Column<Row>[] {
  const t = useText(text)
  const kindWords = useKindWords()
  return [
    {
      key: 'place',
      title: t('queue.place'),
      width: 64,
      render: (item) => <span className="sw-num">{item.place}</span>,
    },
    { key: 'name', title: t('queue.name'), render: (item) => <WorkName {...item} /> },
    { key: 'kind', title: t('queue.kind'), render: (item) => kindWords(item.kind) },
    {
      key: 'priority',
      title: t('queue.priority'),
      render: (item) => <span className="sw-num">P{item.priority ?? 0}</span>,
    },
    {
      key: 'since',
      title: t('queue.since'),
      render: (item) => <TimeText value={item.queued_at} />,
    },
    {
      key: 'reason',
      title: t('queue.reason'),
      render: ({ reason }) => (
        <div className={reason === '' ? 'sw-faint' : 'resources-reason'}>
          {reason || t('queue.next')}
        </div>
      ),
    },
  ]
}
