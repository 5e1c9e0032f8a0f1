import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText, type KeyOf } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { Sentence } from '@/ui/Sentence'
import { queueList, type Group, type QueueItem } from './queries'
import { text } from './text'

/** Where the owner of waiting work is to be seen. */
const PLACES: Record<string, string> = {
  training: '/training',
  evaluation: '/evaluations',
}

/** What waits, in the order in which it is tried, and what each waits for. */
export function Queue({ groups }: { groups: readonly Group[] }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(queueList())
  const columns = useQueueColumns(groups)
  const rows = (data?.items ?? []).map((item, index) => ({ ...item, place: index + 1 }))
  return (
    <Panel flush title={t('queue')}>
      {error === null ? (
        data?.items.length === 0 ? (
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

function useQueueColumns(groups: readonly Group[]): Column<Row>[] {
  const t = useText(text)
  const nameOf = (id: string) => groups.find((group) => group.id === id)?.name ?? id
  return [
    {
      key: 'place',
      title: t('queue.place'),
      width: 64,
      render: (item) => <span className="sw-num">{item.place}</span>,
    },
    { key: 'name', title: t('queue.name'), render: (item) => <Name item={item} /> },
    { key: 'kind', title: t('queue.kind'), render: (item) => kindWords(item.kind, t) },
    { key: 'group', title: t('queue.group'), render: (item) => nameOf(item.group_id) },
    {
      key: 'priority',
      title: t('queue.priority'),
      render: (item) => <span className="sw-num">P{item.priority}</span>,
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
          <Sentence of={reason || t('queue.next')} />
        </div>
      ),
    },
  ]
}

function Name({ item }: { item: Row }) {
  const t = useText(text)
  const place = PLACES[item.kind]
  if (item.owner_id === '') return <span className="sw-faint">{t('queue.other')}</span>
  return (
    <span className="sw-name">
      {place === undefined ? (
        <strong>{item.name}</strong>
      ) : (
        <Link to={`${place}/${item.owner_id}`}>{item.name}</Link>
      )}
      <small>{item.owner_id}</small>
    </span>
  )
}

function kindWords(kind: string, t: (key: KeyOf<typeof text>) => string): string {
  switch (kind) {
    case 'training':
      return t('kind.training')
    case 'evaluation':
      return t('kind.evaluation')
    case 'serving':
    case 'service':
      return t('kind.service')
    default:
      return kind
  }
}
