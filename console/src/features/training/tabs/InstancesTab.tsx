import { CodeOutlined, FireOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IdText } from '@/ui/IdText'
import { Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import { useMay } from '@/api/session'
import type { Action } from '@/ui/actions'
import { ShellDrawer, type ShellTarget } from '../../webshell/ShellDrawer'
import { text as shellText } from '../../webshell/text'
import { namesById } from '../name'
import { ProfileDrawer, type ProfileTarget } from '../profile/ProfileDrawer'
import { profileText } from '../profile/text'
import { instanceList, type Instance, type TaskDetail } from '../queries'
import { text } from '../text'
import { AttemptsPanel } from './AttemptsPanel'

/** Every process that ran for the task, newest run first: where, how it ended, what was enforced. */
export function InstancesTab({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(instanceList(task.id))
  const columns = useInstanceColumns(task, data?.items ?? [])
  const [entered, setEntered] = useState<ShellTarget | null>(null)
  const [profiled, setProfiled] = useState<ProfileTarget | null>(null)
  const actions = useInstanceActions(task, data?.items ?? [], setEntered, setProfiled)
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <div className="sw-stack">
      <AttemptsPanel task={task} />
      <Panel flush title={t('tab.instances')}>
        <DataTable
          label={t('tab.instances')}
          rows={(data?.items ?? []).toReversed()}
          rowKey={(instance) => instance.id}
          loading={data === undefined}
          columns={columns}
          actions={actions}
          rowName={({ id }) => id}
          expandedRow={(instance) => <Notes instance={instance} />}
          empty={<EmptyState title={t('instances.empty')} hint={t('instances.emptyHint')} />}
        />
      </Panel>
      <ShellDrawer of={entered} onClose={() => setEntered(null)} />
      <ProfileDrawer of={profiled} onClose={() => setProfiled(null)} />
    </div>
  )
}

function useInstanceActions(
  task: TaskDetail,
  all: readonly Instance[],
  onEnter: (target: ShellTarget) => void,
  onProfile: (target: ProfileTarget) => void,
) {
  const s = useText(shellText)
  const p = useText(profileText)
  const may = useMay()
  const nameOf = namesById(all)
  return ({ id, state }: Instance): Action[] => {
    const goesOn = state === 'running' ? null : s('notRunning')
    const blocked = may('train:task:shell') ? goesOn : s('mayNot')
    return [
      {
        key: 'shell',
        label: s('open'),
        icon: <CodeOutlined aria-hidden />,
        blocked,
        run: () =>
          onEnter({
            path: `/api/v1/training/tasks/${task.id}/instances/${id}/shell`,
            name: nameOf(id),
          }),
      },
      {
        key: 'profile',
        label: p('open'),
        icon: <FireOutlined aria-hidden />,
        blocked,
        run: () => onProfile({ task: task.id, instance: id, name: nameOf(id) }),
      },
    ]
  }
}

function useInstanceColumns(task: TaskDetail, all: readonly Instance[]): Column<Instance>[] {
  const t = useText(text)
  const nameOf = namesById(all)
  return [
    {
      key: 'name',
      title: t('instance'),
      render: (instance) => (
        <span className="sw-name">
          <Link to={`/training/${task.id}/log?instance=${encodeURIComponent(instance.id)}`}>
            {nameOf(instance.id)}
          </Link>
          <IdText value={instance.id} />
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: (instance) => (
        <StatusTag state={stateOf(instance)} reason={instance.reason || undefined} />
      ),
    },
    {
      key: 'exit',
      title: t('instance.exit'),
      render: ({ exit_code }) =>
        exit_code === null ? (
          <span className="sw-faint">–</span>
        ) : (
          <code data-tone={exit_code === 0 ? 'good' : 'bad'} className="training-exit">
            {exit_code}
          </code>
        ),
    },
    { key: 'rank', title: 'Rank', align: 'right', render: ({ rank }) => rank },
    { key: 'node', title: t('instance.node'), render: ({ node, host }) => `${node} · ${host}` },
    {
      key: 'resources',
      title: t('resources'),
      render: (one) =>
        [
          t('amount.cpu', { count: one.cpu_cores }),
          formatBytes(one.memory_bytes),
          ...(one.gpus > 0 ? [t('amount.gpu', { count: one.gpus })] : []),
        ].join(' · '),
    },
    { key: 'ports', title: t('instance.ports'), render: ({ ports }) => <Ports ports={ports} /> },
    {
      key: 'paths',
      title: t('instance.paths'),
      render: ({ real_paths }) =>
        real_paths === null ? (
          <span className="sw-faint">–</span>
        ) : (
          t(real_paths ? 'instance.realPaths' : 'instance.variables')
        ),
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
      render: (instance) => <Duration seconds={secondsOf(instance)} />,
    },
  ]
}

/** `exited` says nothing of how: the exit code does. */
function stateOf({ state, exit_code, reason }: Instance): string {
  if (state !== 'exited') return state
  if (exit_code === 0) return 'succeeded'
  return /stop/i.test(reason) ? 'stopped' : 'failed'
}

function secondsOf({ started_at, ended_at }: Instance): number | null {
  if (started_at === null || ended_at === null) return null
  return (Date.parse(ended_at) - Date.parse(started_at)) / 1000
}

function Ports({ ports }: { ports: Record<string, number> }) {
  const all = Object.entries(ports)
  if (all.length === 0) return <span className="sw-faint">–</span>
  return <code>{all.map(([name, port]) => `${name} ${port}`).join(', ')}</code>
}

/** What this machine could not enforce; said openly, because it changes what the numbers mean. */
function Notes({ instance }: { instance: Instance }) {
  const t = useText(text)
  return (
    <div className="training-notes">
      {instance.reason === '' ? null : (
        <p>
          <Sentence of={instance.reason} />
        </p>
      )}
      {instance.real_paths === null ? null : (
        <p>{t(instance.real_paths ? 'instance.realPaths.hint' : 'instance.variables.hint')}</p>
      )}
      {instance.notes.length === 0 ? (
        <p className="sw-faint">{t('instance.enforced')}</p>
      ) : (
        <ul>
          {instance.notes.map((note) => (
            <li key={note}>
              <Sentence of={note} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
