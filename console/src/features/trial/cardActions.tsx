import { BarChartOutlined, MessageOutlined, StopOutlined } from '@ant-design/icons'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { stopTrial, type CheckpointEvaluation, type Trial } from './queries'
import { text } from './text'

interface TrialProps {
  name: string
  trial: Trial | undefined
  onStart: () => void
  onChat: (trial: Trial) => void
}

const UNDER_WAY = new Set(['Creating', 'Starting', 'Stopping'])

/** What can be done with a checkpoint's trial, by its state: start it, chat, stop it. */
export function useTrialActions({ name, trial, onStart, onChat }: TrialProps): Action[] {
  const t = useText(text)
  const may = useMay()
  const stop = useApiMutation(stopTrial, ['service'])
  const icon = <MessageOutlined aria-hidden />
  const first: Action =
    trial?.state === 'Ready'
      ? { key: 'chat', label: t('chat'), icon, run: () => onChat(trial) }
      : trial !== undefined && UNDER_WAY.has(trial.state)
        ? {
            key: 'chat',
            label: t('chat'),
            icon,
            blocked: t(trial.state === 'Stopping' ? 'stopping' : 'starting'),
            run: () => undefined,
          }
        : {
            key: 'trial',
            label: t(trial === undefined ? 'trial' : 'trial.again'),
            icon,
            blocked: may('eval:trial:create') ? null : t('mayNot'),
            run: onStart,
          }
  if (trial?.blocked.stop !== null) return [first]
  return [
    first,
    {
      key: 'stop-trial',
      label: t('stop'),
      icon: <StopOutlined aria-hidden />,
      blocked: may('eval:trial:stop') ? null : t('mayNot'),
      confirm: { title: t('stop.title', { name }), message: t('stop.detail'), action: t('stop') },
      run: () => stop.mutateAsync(trial.id),
    },
  ]
}

interface EvaluationProps {
  address: string
  task: { id: string; name: string }
  evaluation: CheckpointEvaluation | undefined
}

const ENDED = new Set(['Completed', 'Failed', 'Stopped'])

/** Evaluate the checkpoint; while one runs and after it, the way to it (EVA-12). */
export function useEvaluationActions({ address, task, evaluation }: EvaluationProps): Action[] {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const icon = <BarChartOutlined aria-hidden />
  const query = new URLSearchParams({ checkpoint: address, task: task.id, task_name: task.name })
  const evaluate: Action = {
    key: 'evaluate',
    label: t(evaluation === undefined ? 'evaluate' : 'evaluate.again'),
    icon,
    blocked: may('eval:task:create') ? null : t('mayNot'),
    run: () => void navigate(`/evaluations/new?${query.toString()}`),
  }
  if (evaluation === undefined || evaluation.state === 'Stopped') return [evaluate]
  const failed = evaluation.state === 'Failed'
  const view: Action = ENDED.has(evaluation.state)
    ? {
        key: 'evaluation',
        label: t(failed ? 'evaluate.failed' : 'evaluate.result'),
        icon,
        run: () => void navigate(`/evaluations/${evaluation.id}/${failed ? 'logs' : 'results'}`),
      }
    : {
        key: 'evaluation',
        label: t('evaluate.running'),
        icon,
        run: () => void navigate(`/evaluations/${evaluation.id}/progress`),
      }
  return [view, evaluate]
}
