import {
  AimOutlined,
  CaretRightOutlined,
  CloudServerOutlined,
  CopyOutlined,
  DeleteOutlined,
  DeploymentUnitOutlined,
  FundOutlined,
  LineChartOutlined,
  PauseOutlined,
} from '@ant-design/icons'
import { Checkbox } from 'antd'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteTask, startTask, stopTask, type Task } from './queries'
import { telemetryText } from './telemetryText'
import { text } from './text'

interface Options {
  onPublish: (task: Task) => void
  onBoard: (task: Task) => void
  onDeleted?: () => void
  /** In a list a task also leads to its curves. */
  withMetrics?: boolean
}

/** What can be done to a task, the likely things first. */
export function useTaskActions({ onPublish, onBoard, onDeleted, withMetrics }: Options) {
  const t = useText(text)
  const telemetry = useText(telemetryText)
  const navigate = useNavigate()
  const turn = useTurn()
  const publish = usePublish(onPublish)
  const remove = useDelete(onDeleted)
  const may = useMay()
  const mayCreate = may('train:task:create')
  const mayDeploy = may('serve:service:create')
  return (task: Task): Action[] => {
    const copy: Action = {
      key: 'copy',
      label: t('copy'),
      icon: <CopyOutlined aria-hidden />,
      blocked: mayCreate ? null : t('mayNot'),
      run: () => void navigate(`/training/new?copy=${task.id}`),
    }
    const search: Action = {
      key: 'search',
      label: t('search.over'),
      icon: <AimOutlined aria-hidden />,
      blocked: may('train:search:create') ? null : t('mayNot'),
      run: () => void navigate(`/searches/new?task=${task.id}`),
    }
    const metrics: Action = {
      key: 'metrics',
      label: t('tab.metrics'),
      icon: <LineChartOutlined aria-hidden />,
      run: () => void navigate(`/training/${task.id}/metrics`),
    }
    const board: Action = {
      key: 'tensorboard',
      label: telemetry('board.action'),
      icon: <FundOutlined aria-hidden />,
      run: () => onBoard(task),
    }
    const deploy: Action = {
      key: 'deploy',
      label: t('checkpoint.deploy'),
      icon: <CloudServerOutlined aria-hidden />,
      blocked: mayDeploy ? task.blocked.publish : t('mayNot'),
      run: () =>
        void navigate(`/services/new?folder=${encodeURIComponent(`${task.output}output`)}`),
    }
    const figures = withMetrics ? [metrics, board] : [board]
    return [turn(task), copy, publish(task), remove(task), deploy, ...figures, search]
  }
}

/** Stop while it is on its way, start when it has stopped. */
function useTurn(): (task: Task) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const stop = useApiMutation(stopTask, ['task', 'queue', 'resource-group'])
  const start = useApiMutation(startTask, ['task', 'queue', 'resource-group'])
  const stopping = ({ id, name, blocked }: Task): Action => ({
    key: 'stop',
    label: t('stop'),
    icon: <PauseOutlined aria-hidden />,
    blocked: may('train:task:stop') ? blocked.stop : t('mayNot'),
    confirm: {
      title: t('stop.title', { name }),
      message: t('stop.message'),
      action: t('stop'),
      danger: true,
    },
    run: async () => {
      await stop.mutateAsync(id)
      notify.success(t('stop.done', { name }))
    },
  })
  const starting = ({ id, name, blocked }: Task): Action => ({
    key: 'start',
    label: t('start'),
    icon: <CaretRightOutlined aria-hidden />,
    blocked: may('train:task:start') ? blocked.start : t('mayNot'),
    run: async () => {
      await start.mutateAsync(id)
      notify.success(t('start.done', { name }))
    },
  })
  return (task) => (task.blocked.stop === null ? stopping(task) : starting(task))
}

function usePublish(onPublish: (task: Task) => void): (task: Task) => Action {
  const t = useText(text)
  const may = useMay()
  return (task) => ({
    key: 'publish',
    label: t('publish'),
    icon: <DeploymentUnitOutlined aria-hidden />,
    blocked: may('model:version:create') ? task.blocked.publish : t('mayNot'),
    run: () => onPublish(task),
  })
}

function useDelete(onDeleted: (() => void) | undefined): (task: Task) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(
    ({ id, withOutputs }: { id: string; withOutputs: boolean }) => deleteTask(id, withOutputs),
    onDeleted ? [] : ['task'],
  )
  return ({ id, name, blocked }) => {
    // Belongs to this one question; the answer is read when the person says yes.
    const choice = { withOutputs: false }
    return {
      key: 'delete',
      label: t('delete'),
      icon: <DeleteOutlined aria-hidden />,
      danger: true,
      blocked: may('train:task:delete') ? blocked.delete : t('mayNot'),
      confirm: {
        title: t('delete.title', { name }),
        message: (
          <div className="training-delete">
            <p>{t('delete.message')}</p>
            <Checkbox onChange={(event) => (choice.withOutputs = event.target.checked)}>
              {t('delete.outputs')}
            </Checkbox>
          </div>
        ),
        action: t('delete'),
        danger: true,
        typeName: name,
      },
      run: async () => {
        await remove.mutateAsync({ id, withOutputs: choice.withOutputs })
        notify.success(t('delete.done', { name }))
        onDeleted?.()
      },
    }
  }
}
