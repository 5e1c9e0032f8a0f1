import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteEvaluation, restartEvaluation, stopEvaluation, type Evaluation } from './queries'
import { text } from './text'

/** What can be done to an evaluation, the likely things first. */
export function useEvaluationActions(onDeleted?: () => void) {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const turn = useTurn()
  const remove = useDelete(onDeleted)
  return (evaluation: Evaluation): Action[] => [
    {
      key: 'compare',
      label: t('compare'),
      blocked: evaluation.blocked.compare ?? null,
      run: () => void navigate(`/evaluations/compare?id=${evaluation.id}`),
    },
    turn(evaluation),
    {
      key: 'copy',
      label: t('copy'),
      blocked: may('eval:task:create') ? null : t('mayNot'),
      run: () => void navigate(`/evaluations/new?copy=${evaluation.id}`),
    },
    remove(evaluation),
  ]
}

function useTurn(): (evaluation: Evaluation) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const stop = useApiMutation(stopEvaluation, ['evaluation'])
  const restart = useApiMutation(restartEvaluation, ['evaluation'])
  return ({ id, name, blocked }) =>
    blocked.stop === null
      ? {
          key: 'stop',
          label: t('stop'),
          blocked: may('eval:task:stop') ? null : t('mayNot'),
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
        }
      : {
          key: 'restart',
          label: t('restart'),
          blocked: may('eval:task:start') ? (blocked.restart ?? null) : t('mayNot'),
          run: async () => {
            await restart.mutateAsync(id)
            notify.success(t('restart.done', { name }))
          },
        }
}

function useDelete(onDeleted: (() => void) | undefined): (evaluation: Evaluation) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteEvaluation, onDeleted ? [] : ['evaluation'])
  return ({ id, name, blocked }) => ({
    key: 'delete',
    label: t('delete'),
    danger: true,
    blocked: may('eval:task:delete') ? (blocked.delete ?? null) : t('mayNot'),
    confirm: {
      title: t('delete.title', { name }),
      message: t('delete.message'),
      action: t('delete'),
      danger: true,
      typeName: name,
    },
    run: async () => {
      await remove.mutateAsync(id)
      notify.success(t('delete.done', { name }))
      onDeleted?.()
    },
  })
}
