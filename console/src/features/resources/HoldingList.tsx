import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { formatDuration } from '@/base/format'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { StatusTag } from '@/ui/StatusTag'
import { replicaPath } from '../services/paths'
import { useKindWords } from './kinds'
import { holdingPage, type Holding } from './queries'
import { text } from './text'

const SHOWN = 50

/** The work that runs on one node. */
export function HoldingList({ groupId, nodeId }: { groupId: string; nodeId: string }) {
  const t = useText(text)
  const columns = useHoldingColumns()
  const { data } = useQuery(holdingPage(groupId, nodeId, { limit: SHOWN, order: '-created_at' }))
  if (data?.items.length === 0) return <p className="sw-faint sw-pad">{t('holding.none')}</p>
  return (
    <DataTable
      label={t('tab.holding')}
      rows={data?.items ?? []}
      rowKey={(item) => item.workload_id}
      columns={columns}
      loading={data === undefined}
    />
  )
}

export function useHoldingColumns(): Column<Holding>[] {
  const t = useText(text)
  const kindWords = useKindWords()
  return [
    { key: 'kind', title: t('queue.kind'), render: ({ kind }) => kindWords(kind) },
    { key: 'name', title: t('holding.name'), render: (item) => <WorkName {...item} /> },
    { key: 'state', title: t('state'), render: ({ state }) => <StatusTag state={state} /> },
    {
      key: 'holds',
      title: t('holding.holds'),
      render: ({ words }) => <span className="sw-mono">{words}</span>,
    },
    {
      key: 'time',
      title: t('holding.time'),
      align: 'right',
      render: ({ run_time_s: time }) =>
        time === null ? '–' : <span className="sw-num">{formatDuration(time)}</span>,
    },
  ]
}

/** Where the owner of work is to be seen. */
const PLACES: Record<string, (owner: string) => string> = {
  training: (id) => `/training/${id}`,
  evaluation: (id) => `/evaluations/${id}`,
  service: replicaPath,
}

/** The name as a link. What belongs to another project has none. */
export function WorkName(item: { kind: string; owner_id: string; name: string }) {
  const t = useText(text)
  const place = PLACES[item.kind]
  if (item.owner_id === '') return <span className="sw-faint">{t('queue.other')}</span>
  return (
    <span className="sw-name">
      {place === undefined ? (
        <strong>{item.name}</strong>
      ) : (
        <Link to={place(item.owner_id)}>{item.name}</Link>
      )}
      <small className="sw-mono">{item.owner_id}</small>
    </span>
  )
}
