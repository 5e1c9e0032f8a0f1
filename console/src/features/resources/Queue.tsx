import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { formatDuration } from '@/base/format'
import { useText } from '@/base/text'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { TimeText } from '@/ui/TimeText'
import { Sentence } from '@/ui/Sentence'
import { WorkName } from './HoldingList'
import { useAskWords, useKindWords } from './kinds'
import { queuePage, type GroupDetail, type QueueItem } from './queries'
import { text } from './text'
import { WhyDrawer } from './WhyDrawer'

/** What waits in a group, in the order of the queue, and what each waits for (RES-06). */
export function Queue({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const list = useListState({ filters: ['tag'], defaultOrder: '' })
  const query = useQuery(queuePage(group.id, list.params))
  const [asked, setAsked] = useState<string | null>(null)
  return (
    <>
      {query.data?.start_order === false ? (
        <Alert type="info" showIcon title={t('queue.noOrder')} description={t('queue.rules')} />
      ) : null}
      <List<QueueItem>
        label={t('queue')}
        list={list}
        query={query}
        rowKey={({ number }) => String(number)}
        rowName={({ name }) => name}
        columns={useQueueColumns(setAsked)}
        filters={[{ kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') }]}
        empty={<EmptyState title={t('queue.empty')} hint={t('queue.emptyHint')} />}
      />
      <WhyDrawer workload={asked} onClose={() => setAsked(null)} />
    </>
  )
}

function useQueueColumns(onAsk: (workload: string) => void): Column<QueueItem>[] {
  const t = useText(text)
  const kindWords = useKindWords()
  const askWords = useAskWords()
  return [
    {
      key: 'number',
      title: t('queue.place'),
      width: 64,
      render: ({ number }) => <span className="sw-num">{number}</span>,
    },
    { key: 'kind', title: t('queue.kind'), render: ({ kind }) => kindWords(kind) },
    { key: 'name', title: t('queue.name'), render: (item) => <WorkName {...item} /> },
    {
      key: 'asks',
      title: t('queue.asks'),
      render: ({ asks }) => <span className="sw-mono">{asks.map(askWords).join(' + ')}</span>,
    },
    {
      key: 'priority',
      title: t('queue.priority'),
      render: ({ priority }) => <span className="sw-num">P{priority}</span>,
    },
    {
      key: 'since',
      title: t('queue.since'),
      render: ({ queued_at }) => <TimeText value={queued_at} absolute />,
    },
    {
      key: 'waiting',
      title: t('queue.waiting'),
      align: 'right',
      render: ({ waiting_s }) => <span className="sw-num">{formatDuration(waiting_s)}</span>,
    },
    {
      key: 'reason',
      title: t('queue.reason'),
      render: ({ reason, workload_id }) =>
        workload_id === '' ? null : (
          <div className="resources-reason">
            <Sentence of={reason} />{' '}
            <Button type="link" size="small" onClick={() => onAsk(workload_id)}>
              {t('why')}
            </Button>
          </div>
        ),
    },
  ]
}
