import { DeleteOutlined } from '@ant-design/icons'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteRun, type Run } from './queries'
import { runsText } from './text'

export function useRunActions(onDeleted?: () => void): (run: Run) => Action[] {
  const t = useText(runsText)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteRun, onDeleted ? [] : ['run'])
  return ({ id, name }) => [
    {
      key: 'delete',
      label: t('delete'),
      icon: <DeleteOutlined aria-hidden />,
      danger: true,
      blocked: may('train:run:delete') ? null : t('mayNot'),
      confirm: {
        title: t('delete.title', { name }),
        message: t('delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(id)
        notify.success(t('deleted', { name }))
        onDeleted?.()
      },
    },
  ]
}
