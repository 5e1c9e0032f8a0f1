import { useQuery } from '@tanstack/react-query'
import { Alert, Skeleton } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { NotifyMe } from '@/features/alerts/NotifyMe'
import { Sentence } from '@/ui/Sentence'
import { DetailPage, type DetailTab } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Page } from '@/ui/Page'
import { useTaskActions } from './actions'
import { progressOf } from './progress'
import { PublishDialog } from './PublishDialog'
import { oneTask, type TaskDetail } from './queries'
import { LineageTab } from './LineageTab'
import { CheckpointsTab } from './tabs/CheckpointsTab'
import { EventsTab } from './tabs/EventsTab'
import { InstancesTab } from './tabs/InstancesTab'
import { LogTab } from './tabs/LogTab'
import { MetricsTab } from './tabs/MetricsTab'
import { OverviewTab } from './tabs/OverviewTab'
import { RecordTab } from './tabs/RecordTab'
import { ResourcesTab } from './tabs/ResourcesTab'
import { TensorBoardDialog } from './tensorboard/TensorBoardDialog'
import { recordText } from './recordText'
import { text } from './text'
import './training.css'

export function TaskPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneTask(id))
  if (data !== undefined) return <Task task={data} />
  return (
    <Page title={id} back={{ to: '/training', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  )
}

function Task({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { tab } = useParams()
  const navigate = useNavigate()
  const [publishing, setPublishing] = useState(false)
  const [board, setBoard] = useState(false)
  const actions = useTaskActions({
    onPublish: () => setPublishing(true),
    onBoard: () => setBoard(true),
    onDeleted: () => void navigate('/training', { replace: true }),
  })
  return (
    <>
      <DetailPage
        title={task.name}
        id={task.id}
        state={task.state}
        reason={task.reason}
        percent={task.state === 'Running' ? progressOf(task)?.percent : null}
        back={{ to: '/training', label: t('title') }}
        path={`/training/${task.id}`}
        actions={actions(task)}
        beside={<NotifyMe taskId={task.id} over={isOver(task.state)} />}
        top={<Reason task={task} />}
        tab={tab}
        tabs={useTabs(task)}
      />
      <PublishDialog
        task={publishing ? task : null}
        checkpoint={null}
        onClose={() => setPublishing(false)}
      />
      <TensorBoardDialog task={board ? task : null} onClose={() => setBoard(false)} />
    </>
  )
}

const isOver = (state: string) => ['Completed', 'Abnormal', 'Stopped'].includes(state)

/** Why it waits or failed stands in the open: it is what one comes to see. */
function Reason({ task: { id, state, reason, resource_group: group } }: { task: TaskDetail }) {
  const t = useText(text)
  if (reason === '' || !['Abnormal', 'Queued'].includes(state)) return null
  const failed = state === 'Abnormal'
  return (
    <Alert
      className="training-reason"
      type={failed ? 'error' : 'info'}
      showIcon
      title={
        <>
          <strong>{t(failed ? 'reason.failed' : 'reason.waits')}</strong> <Sentence of={reason} />
        </>
      }
      action={
        failed ? (
          <Link to={`/training/${id}/log`}>{t('reason.log')}</Link>
        ) : (
          <Link to={`/resources/${group}/tasks?show=queued`}>{t('reason.queue')}</Link>
        )
      }
    />
  )
}

function useTabs(task: TaskDetail): DetailTab[] {
  const t = useText(text)
  const record = useText(recordText)
  return [
    { key: 'overview', label: t('tab.overview'), render: () => <OverviewTab task={task} /> },
    { key: 'log', label: t('tab.log'), render: () => <LogTab task={task} /> },
    { key: 'metrics', label: t('tab.metrics'), render: () => <MetricsTab task={task} /> },
    { key: 'resources', label: t('tab.resources'), render: () => <ResourcesTab task={task} /> },
    { key: 'instances', label: t('tab.instances'), render: () => <InstancesTab task={task} /> },
    {
      key: 'checkpoints',
      label: t('tab.checkpoints'),
      render: () => <CheckpointsTab task={task} />,
    },
    {
      key: 'lineage',
      label: t('tab.lineage'),
      render: () => <LineageTab of={{ task: task.id }} />,
    },
    { key: 'record', label: record('tab'), render: () => <RecordTab task={task} /> },
    { key: 'events', label: t('tab.events'), render: () => <EventsTab task={task} /> },
  ]
}
