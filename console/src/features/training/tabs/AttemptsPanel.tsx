import { useQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { attemptList, type Attempt, type TaskDetail } from '../queries'
import { text } from '../text'

const ENDINGS = ['succeeded', 'failed', 'stopped', 'restart', 'evicted', 'rescheduled'] as const

/** Every attempt of the task, newest first: when, where, and why it ended. */
export function AttemptsPanel({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { data } = useQuery(attemptList(task.id))
  const columns = useColumns(data?.items ?? [])
  return (
    <Panel flush title={t('attempts')}>
      <DataTable
        label={t('attempts')}
        rows={data?.items ?? []}
        rowKey={({ workload_id, number }) => `${workload_id} ${number}`}
        loading={data === undefined}
        columns={columns}
      />
    </Panel>
  )
}

function useColumns(all: readonly Attempt[]): Column<Attempt>[] {
  const t = useText(text)
  return [
    {
      key: 'number',
      title: t('attempt'),
      // Over all runs: a task that was started again goes on counting.
      render: (attempt) => all.length - all.indexOf(attempt),
    },
    {
      key: 'end',
      title: t('attempt.end'),
      render: ({ ending, reason, instances, started_at }) => (
        <span className="training-ending">
          {ending === '' ? (
            <StatusTag state={stateNow(instances.length > 0, started_at !== null)} />
          ) : (
            <EndingTag ending={ending} />
          )}
          {reason === '' ? null : (
            <small className="sw-soft">
              <Sentence of={reason} />
            </small>
          )}
        </span>
      ),
    },
    {
      key: 'nodes',
      title: t('attempt.nodes'),
      render: ({ instances }) =>
        instances.length === 0 ? (
          <span className="sw-faint">{t('attempt.never')}</span>
        ) : (
          placesOf(instances)
        ),
    },
    {
      key: 'queued',
      title: t('queued'),
      render: ({ queued_at }) => <TimeText value={queued_at} />,
    },
    {
      key: 'started',
      title: t('started'),
      render: ({ started_at }) => <TimeText value={started_at} />,
    },
    {
      key: 'time',
      title: t('runTime'),
      align: 'right',
      render: (attempt) => <Duration seconds={secondsOf(attempt)} />,
    },
  ]
}

/** Of the attempt that goes on. */
function stateNow(placed: boolean, started: boolean): string {
  if (!placed) return 'queued'
  return started ? 'running' : 'starting'
}

function EndingTag({ ending }: Pick<Attempt, 'ending'>) {
  const t = useText(text)
  const known = ENDINGS.find((one) => one === ending)
  if (known === undefined) return <StatusTag state="running" />
  if (known === 'succeeded' || known === 'failed' || known === 'stopped') {
    return <StatusTag state={known} />
  }
  return <strong>{t(`attempt.${known}`)}</strong>
}

/** "node-a: master-0, worker-0", a node a part. */
function placesOf(instances: Attempt['instances']): string {
  const places = new Map<string, string[]>()
  for (const { node, role, index } of instances) {
    places.set(node, [...(places.get(node) ?? []), `${role}-${index}`])
  }
  return [...places].map(([node, names]) => `${node}: ${names.join(', ')}`).join('; ')
}

function secondsOf({ started_at, ended_at }: Attempt): number | null {
  if (started_at === null || ended_at === null) return null
  return (Date.parse(ended_at) - Date.parse(started_at)) / 1000
}
