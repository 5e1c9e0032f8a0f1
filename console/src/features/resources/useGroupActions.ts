import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteGroup, TOUCHED, type Group } from './queries'
import { text } from './text'

/** Edit, view tasks, delete. */
export function useGroupActions(onDeleted?: () => void): (group: Group) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const remove = useApiMutation(deleteGroup, TOUCHED)
  return (group) => [
    {
      key: 'tasks',
      label: t('viewTasks'),
      run: () => void navigate(`/resources/${group.id}/tasks`),
    },
    {
      key: 'edit',
      label: t('edit'),
      blocked: may('compute:group:update') ? null : t('mayNotChange'),
      run: () => void navigate(`/resources/${group.id}/edit`),
    },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('compute:group:delete') ? group.blocked.delete : t('mayNotChange'),
      confirm: {
        title: t('group.delete.title', { name: group.name }),
        message: t('group.delete.message'),
        action: t('delete'),
        danger: true,
        typeName: group.name,
      },
      run: async () => {
        await remove.mutateAsync(group.id)
        notify.success(t('group.deleted', { name: group.name }))
        onDeleted?.()
      },
    },
  ]
}
