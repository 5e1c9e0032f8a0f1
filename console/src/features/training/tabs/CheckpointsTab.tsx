import {
  CloudServerOutlined,
  DeploymentUnitOutlined,
  FolderOpenOutlined,
  SaveOutlined,
} from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { Actions, type Action } from '@/ui/actions'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { CopyButton } from '@/ui/CopyButton'
import { Panel } from '@/ui/Page'
import { Bytes } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { useEvaluationActions, useTrialActions } from '../../trial/cardActions'
import {
  checkpointEvaluations,
  trialList,
  type CheckpointEvaluation,
  type Trial,
} from '../../trial/queries'
import { text as trialText } from '../../trial/text'
import { TrialChat } from '../../trial/TrialChat'
import { TrialDialog } from '../../trial/TrialDialog'
import { PublishDialog } from '../PublishDialog'
import { checkpointList, isActive, type Checkpoint, type TaskDetail } from '../queries'
import { storageLink } from '../storageLink'
import { text } from '../text'

/** Every checkpoint found in the output, newest step first. */
export function CheckpointsTab({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(checkpointList(task.id, isActive(task)))
  const trials = useQuery(trialList(task.id)).data?.items ?? []
  const evaluations = useQuery(checkpointEvaluations(task.id)).data?.items ?? []
  const [publishing, setPublishing] = useState<Checkpoint | null>(null)
  const [trying, setTrying] = useState<Checkpoint | null>(null)
  const [chatting, setChatting] = useState<string | null>(null)
  if (error !== null && data === undefined) {
    return <ErrorState error={error} onRetry={() => void refetch()} />
  }
  if (data === undefined) return <Skeleton active paragraph={{ rows: 6 }} />
  if (data.items.length === 0) {
    return (
      <Panel>
        <EmptyState
          icon={<SaveOutlined aria-hidden />}
          title={t('checkpoints.empty')}
          hint={t('checkpoints.emptyHint')}
        />
      </Panel>
    )
  }
  return (
    <>
      <div className="training-checkpoints">
        {data.items.map((checkpoint) => (
          <Card
            key={checkpoint.path}
            checkpoint={checkpoint}
            task={task}
            trial={trials.find(({ address }) => address === checkpoint.address)}
            evaluation={evaluations.find(({ checkpoints }) =>
              checkpoints.includes(checkpoint.address),
            )}
            onPublish={() => setPublishing(checkpoint)}
            onTry={() => setTrying(checkpoint)}
            onChat={({ id }) => setChatting(id)}
          />
        ))}
      </div>
      <PublishDialog
        task={publishing === null ? null : task}
        checkpoint={publishing}
        onClose={() => setPublishing(null)}
      />
      <TrialDialog
        of={
          trying === null
            ? null
            : {
                taskId: task.id,
                group: task.resource_group,
                name: trying.name,
                path: trying.path,
              }
        }
        onClose={() => setTrying(null)}
      />
      <TrialChat
        trial={trials.find(({ id }) => id === chatting) ?? null}
        ready={trials.filter(({ state }) => state === 'Ready')}
        onClose={() => setChatting(null)}
      />
    </>
  )
}

interface CardProps {
  checkpoint: Checkpoint
  task: TaskDetail
  trial: Trial | undefined
  evaluation: CheckpointEvaluation | undefined
  onPublish: () => void
  onTry: () => void
  onChat: (trial: Trial) => void
}

function Card(props: CardProps) {
  const { checkpoint, trial, evaluation } = props
  const t = useText(text)
  const { name, path, address, step, epoch, loss, learning_rate } = checkpoint
  return (
    <Panel
      title={name}
      actions={<Actions actions={useCardActions(props)} inline={2} of={name} link />}
    >
      <CardStates trial={trial} evaluation={evaluation} />
      <Facts
        columns={3}
        items={[
          { key: 'step', label: t('checkpoint.step'), value: number(step) },
          { key: 'epoch', label: t('checkpoint.epoch'), value: number(epoch) },
          { key: 'loss', label: t('checkpoint.loss'), value: number(loss) },
          { key: 'rate', label: t('checkpoint.rate'), value: number(learning_rate) },
          {
            key: 'size',
            label: t('checkpoint.size'),
            value: <Bytes value={checkpoint.size_bytes} />,
          },
          {
            key: 'created',
            label: t('checkpoint.saved'),
            value: <TimeText value={checkpoint.created_at} />,
          },
          {
            key: 'template',
            label: t('checkpoint.template'),
            wide: true,
            value: checkpoint.conv_template_name,
          },
          {
            key: 'path',
            label: t('checkpoint.path'),
            wide: true,
            value: (
              <span className="training-address">
                <code>/opt/ml/output/{path}</code>
                <CopyButton value={address} label={t('copyAddress')} />
              </span>
            ),
          },
        ]}
      />
    </Panel>
  )
}

/** What is under way with the checkpoint, or has come of it. */
function CardStates({ trial, evaluation }: Pick<CardProps, 'trial' | 'evaluation'>) {
  const t = useText(trialText)
  if (trial === undefined && evaluation === undefined) return null
  return (
    <p className="trial-title">
      {trial === undefined ? null : (
        <span>
          {t('trial.state')} <StatusTag state={trial.state} reason={trial.reason} />
        </span>
      )}
      {evaluation === undefined ? null : (
        <span>
          {t('evaluate')} <StatusTag state={evaluation.state} reason={evaluation.reason} />
        </span>
      )}
    </p>
  )
}

function useCardActions(props: CardProps): Action[] {
  const { checkpoint, task, trial, evaluation, onPublish, onTry, onChat } = props
  const { name, address } = checkpoint
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const trying = useTrialActions({ name, trial, onStart: onTry, onChat })
  const evaluating = useEvaluationActions({ address, task, evaluation })
  return [
    ...trying.slice(0, 1),
    ...evaluating,
    ...trying.slice(1),
    {
      key: 'publish',
      label: t('publish'),
      icon: <DeploymentUnitOutlined aria-hidden />,
      blocked: may('model:version:create') ? null : t('mayNot'),
      run: onPublish,
    },
    {
      key: 'deploy',
      label: t('checkpoint.deploy'),
      icon: <CloudServerOutlined aria-hidden />,
      blocked: may('serve:service:create') ? null : t('mayNot'),
      run: () => void navigate(`/services/new?checkpoint=${encodeURIComponent(address)}`),
    },
    {
      key: 'files',
      label: t('checkpoint.files'),
      icon: <FolderOpenOutlined aria-hidden />,
      run: () => void navigate(storageLink(address)),
    },
  ]
}

function number(value: number | null) {
  return value === null ? null : <span className="sw-num">{formatMetric(value)}</span>
}
