import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteKey, disableKey, enableKey, resetKey, type NewKey, type ServiceKey } from './queries'
import { text } from './text'

interface Options {
  onEdit: (key: ServiceKey) => void
  onMade: (key: NewKey) => void
}

export function useKeyActions({ onEdit, onMade }: Options) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const enable = useApiMutation(enableKey, ['service'])
  const disable = useApiMutation(disableKey, ['service'])
  const reset = useApiMutation(resetKey, ['service'])
  const remove = useApiMutation(deleteKey, ['service'])
  const change = may('serve:key:update') ? null : t('mayNot')
  const turn = (key: ServiceKey): Action =>
    key.enabled
      ? {
          key: 'disable',
          label: t('key.disable'),
          blocked: change,
          confirm: {
            title: t('key.disable.title', { name: key.name }),
            message: t('key.disable.message'),
            action: t('key.disable'),
            danger: true,
          },
          run: () => disable.mutateAsync(key),
        }
      : {
          key: 'enable',
          label: t('key.enable'),
          blocked: change,
          run: () => enable.mutateAsync(key),
        }
  return (key: ServiceKey): Action[] => [
    { key: 'edit', label: t('key.edit'), blocked: change, run: () => onEdit(key) },
    turn(key),
    {
      key: 'reset',
      label: t('key.reset'),
      blocked: change,
      confirm: {
        title: t('key.reset.title', { name: key.name }),
        message: t('key.reset.message'),
        action: t('key.reset'),
        danger: true,
      },
      run: async () => onMade(await reset.mutateAsync(key)),
    },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('serve:key:delete') ? null : t('mayNot'),
      confirm: {
        title: t('key.delete.title', { name: key.name }),
        message: t('key.delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(key)
        notify.success(t('delete.done', { name: key.name }))
      },
    },
  ]
}
