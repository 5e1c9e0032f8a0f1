import {
  BarChartOutlined,
  DeploymentUnitOutlined,
  FolderOpenOutlined,
  MessageOutlined,
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
import { TimeText } from '@/ui/TimeText'
import { PublishDialog } from '../PublishDialog'
import { checkpointList, isActive, type Checkpoint, type TaskDetail } from '../queries'
import { storageLink } from '../storageLink'
import { text } from '../text'

/** Every checkpoint found in the output, newest step first. */
export function CheckpointsTab({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(checkpointList(task.id, isActive(task)))
  const [publishing, setPublishing] = useState<Checkpoint | null>(null)
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
            onPublish={() => setPublishing(checkpoint)}
          />
        ))}
      </div>
      <PublishDialog
        task={publishing === null ? null : task}
        checkpoint={publishing}
        onClose={() => setPublishing(null)}
      />
    </>
  )
}

function Card({ checkpoint, onPublish }: { checkpoint: Checkpoint; onPublish: () => void }) {
  const t = useText(text)
  const { name, path, address, step, epoch, loss, learning_rate } = checkpoint
  return (
    <Panel title={name} actions={<Actions actions={useCardActions(checkpoint, onPublish)} link />}>
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

function useCardActions({ address }: Checkpoint, onPublish: () => void): Action[] {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  return [
    {
      key: 'publish',
      label: t('publish'),
      icon: <DeploymentUnitOutlined aria-hidden />,
      blocked: may('model:version:create') ? null : t('mayNot'),
      run: onPublish,
    },
    {
      key: 'trial',
      label: t('checkpoint.trial'),
      icon: <MessageOutlined aria-hidden />,
      blocked: may('serve:service:create') ? null : t('mayNot'),
      run: () => void navigate(`/services/new?checkpoint=${encodeURIComponent(address)}`),
    },
    {
      key: 'evaluate',
      label: t('checkpoint.evaluate'),
      icon: <BarChartOutlined aria-hidden />,
      blocked: may('eval:task:create') ? null : t('mayNot'),
      run: () => void navigate(`/evaluations/new?checkpoint=${encodeURIComponent(address)}`),
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
