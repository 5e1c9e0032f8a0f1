import { useQuery } from '@tanstack/react-query'
import { Table } from 'antd'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Count, Duration } from '@/ui/Quantity'
import { taskWork, type Task } from './queries'
import { FilesPanel } from './records/FilesPanel'
import { SuggestPanel } from './suggest/SuggestPanel'
import { text } from './text'

/** How far the work is, and who did how much of it in what time. */
export function ProgressTab({ task }: { task: Task }) {
  const t = useText(text)
  const { counts, needs_review: reviewed } = task
  const work = useQuery(taskWork(task.id))
  const rows = work.data?.items ?? []
  const numbers = [
    ['records', counts.records],
    ['unlabelled', counts.unlabelled],
    [reviewed ? 'to_review' : 'labelled', counts.labelled],
    ...(reviewed
      ? [
          ['approved', counts.approved],
          ['sent_back', counts.sent_back],
        ]
      : []),
    ...(counts.deleted > 0 ? [['deleted', counts.deleted]] : []),
  ] as const
  return (
    <div className="sw-stack">
      <Panel>
        <div className="label-progress label-wide" aria-hidden>
          <i
            style={{ width: `${counts.records === 0 ? 0 : (100 * counts.done) / counts.records}%` }}
          />
        </div>
        <dl className="label-counts">
          {numbers.map(([key, count]) => (
            <div key={key}>
              <dt>{t(`count.${key as 'records'}`)}</dt>
              <dd>
                <Count value={Number(count)} />
              </dd>
            </div>
          ))}
        </dl>
      </Panel>
      <FilesPanel task={task} />
      <SuggestPanel task={task} />
      <Panel title={t('people')} flush>
        {work.error === null ? null : (
          <ErrorState error={work.error} onRetry={() => void work.refetch()} />
        )}
        <Table
          size="small"
          rowKey="user_id"
          pagination={rows.length > 20 ? { pageSize: 20 } : false}
          loading={work.isFetching && rows.length === 0}
          dataSource={rows}
          locale={{ emptyText: <EmptyState title={t('people.none')} /> }}
          columns={[
            { key: 'name', title: t('people.name'), dataIndex: 'user_name' },
            { key: 'records', title: t('people.records'), dataIndex: 'records', align: 'right' },
            ...(reviewed
              ? ([
                  {
                    key: 'reviewed',
                    title: t('people.reviewed'),
                    dataIndex: 'reviewed',
                    align: 'right',
                  },
                  {
                    key: 'back',
                    title: t('people.sentBack'),
                    dataIndex: 'sent_back',
                    align: 'right',
                  },
                ] as const)
              : []),
            {
              key: 'time',
              title: t('people.time'),
              align: 'right',
              render: (_, one) => <Duration seconds={one.time_s} />,
            },
            {
              key: 'each',
              title: t('people.perRecord'),
              align: 'right',
              render: (_, one) =>
                one.records === 0 ? '–' : <Duration seconds={one.time_s / one.records} />,
            },
          ]}
        />
      </Panel>
    </div>
  )
}
