import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteGroup, disableGroup, enableGroup, unbanGroup, type Group } from './queries'
import { text } from './text'

interface Options {
  onEdit: (group: Group) => void
  onReset: (group: Group) => void
  onBan: (group: Group) => void
  onDeleted?: () => void
}

/** What can be done with a group. Banning is shown to those alone who may. */
export function useGroupActions({ onEdit, onReset, onBan, onDeleted }: Options) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const enable = useApiMutation(enableGroup, ['service-group'])
  const disable = useApiMutation(disableGroup, ['service-group'])
  const unban = useApiMutation(unbanGroup, ['service-group'])
  const remove = useApiMutation(deleteGroup, ['service-group'])
  const change = may('serve:group:update') ? null : t('mayNot')
  const turn = (group: Group, enabled: boolean): Action =>
    enabled
      ? {
          key: 'disable',
          label: t('disable'),
          blocked: change,
          confirm: {
            title: t('disable.title', { name: group.name }),
            message: t('disable.message'),
            action: t('disable'),
            danger: true,
          },
          run: () => disable.mutateAsync(group.id),
        }
      : {
          key: 'enable',
          label: t('enable'),
          blocked: change,
          run: () => enable.mutateAsync(group.id),
        }
  const ban = (group: Group): Action =>
    group.ban === null
      ? { key: 'ban', label: t('ban'), danger: true, run: () => onBan(group) }
      : { key: 'unban', label: t('unban'), run: () => unban.mutateAsync(group.id) }
  return (group: Group): Action[] => [
    {
      key: 'monitor',
      label: t('monitor'),
      run: () => void navigate(`/calls?group=${group.id}`),
    },
    { key: 'edit', label: t('edit'), blocked: change, run: () => onEdit(group) },
    { key: 'reset', label: t('reset'), blocked: change, run: () => onReset(group) },
    turn(group, group.state !== 'disabled'),
    ...(may('gateway:key:ban') ? [ban(group)] : []),
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('serve:group:delete') ? null : t('mayNot'),
      confirm: {
        title: t('delete.title', { name: group.name }),
        message: t('delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(group.id)
        notify.success(t('delete.done', { name: group.name }))
        onDeleted?.()
      },
    },
  ]
}
