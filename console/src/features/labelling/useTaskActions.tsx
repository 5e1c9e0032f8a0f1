import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteTask, retryTask, type Task } from './queries'
import { text } from './text'

/** What can be done with a task, in the order of use. */
export function useTaskActions(onDeleted?: () => void) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const [publishing, setPublishing] = useState<Task | null>(null)
  const remove = useApiMutation(deleteTask, ['label-task', 'dataset'])
  const again = useApiMutation(retryTask, ['label-task'])
  const mayNot = may('label:task:update') ? null : t('mayNotWrite')

  const actions = (task: Task): Action[] => {
    const { id, name, blocked, counts } = task
    return [
      {
        key: 'label',
        label: t('label'),
        primary: true,
        blocked: may('label:record:update') ? blocked.label : t('mayNotLabel'),
        run: () => void navigate(`/labelling/${id}/work`),
      },
      ...(task.needs_review
        ? [
            {
              key: 'review',
              label: t('review'),
              blocked: may('label:review:update') ? blocked.label : t('mayNotReview'),
              run: () => void navigate(`/labelling/${id}/work?review=1`),
            },
          ]
        : []),
      {
        key: 'publish',
        label: t('publish'),
        blocked: mayNot ?? blocked.publish,
        run: () => setPublishing(task),
      },
      ...(task.state === 'failed'
        ? [{ key: 'retry', label: t('retry'), blocked: mayNot, run: () => again.mutateAsync(id) }]
        : []),
      {
        key: 'delete',
        label: t('delete'),
        danger: true,
        blocked: may('label:task:delete') ? null : t('mayNotWrite'),
        confirm: {
          title: t('delete.title', { name }),
          message: t('delete.message', { done: counts.done, count: counts.records }),
          action: t('delete'),
          danger: true,
          typeName: name,
        },
        run: async () => {
          await remove.mutateAsync(id)
          notify.success(t('delete.done', { name }))
          onDeleted?.()
        },
      },
    ]
  }
  return { actions, publishing, closePublishing: () => setPublishing(null) }
}
