import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { cancelBuild, deleteEnvironment, rebuildEnvironment, type Environment } from './queries'
import { text } from './text'

const TOUCHED = ['environment']

/** What can be done with an environment, in the order of use. */
export function useEnvironmentActions(
  onEdit: (environment: Environment) => void,
  onDeleted?: () => void,
): (environment: Environment) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const build = useApiMutation(rebuildEnvironment, TOUCHED)
  const cancel = useApiMutation(cancelBuild, TOUCHED)
  const remove = useApiMutation(deleteEnvironment, TOUCHED)
  const mayEdit = may('asset:environment:update') ? null : t('mayNotWrite')

  return (environment) => {
    const { id, blocked, state } = environment
    const name = `${environment.name} v${environment.version}`
    const cancelling: Action = {
      key: 'cancel',
      label: t('cancel'),
      blocked: mayEdit ?? blocked.cancel,
      run: async () => {
        await cancel.mutateAsync(id)
        notify.success(t('cancel.done'))
      },
    }
    return [
      ...(state === 'building' ? [cancelling] : []),
      {
        key: 'version',
        label: t('newVersion'),
        blocked: may('asset:environment:create') ? null : t('mayNotWrite'),
        run: () => void navigate(`/environments/new?of=${id}`),
      },
      { key: 'edit', label: t('edit'), blocked: mayEdit, run: () => onEdit(environment) },
      {
        key: 'rebuild',
        label: t('rebuild'),
        blocked: mayEdit ?? blocked.rebuild,
        confirm: {
          title: t('rebuild.title', { name }),
          message: t('rebuild.message'),
          action: t('rebuild'),
        },
        run: async () => {
          await build.mutateAsync(id)
          notify.success(t('rebuild.done'))
        },
      },
      {
        key: 'delete',
        label: t('delete'),
        danger: true,
        blocked: may('asset:environment:delete') ? blocked.delete : t('mayNotWrite'),
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
}
