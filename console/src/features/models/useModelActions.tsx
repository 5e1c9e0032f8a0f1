import { Link, useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import {
  archiveUrl,
  deleteModel,
  deleteVersion,
  retryImport,
  type Model,
  type ModelVersion,
} from './queries'
import { text } from './text'

const TOUCHED = ['model', 'model_version']

export function useModelActions(
  onEdit: (model: Model) => void,
  onDeleted?: () => void,
): (model: Model) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const remove = useApiMutation(deleteModel, TOUCHED)
  return (model) => [
    {
      key: 'version',
      label: t('newVersion'),
      blocked: may('model:version:create') ? model.blocked.new_version : t('mayNotWrite'),
      run: () => void navigate(`/models/new?model=${model.id}`),
    },
    {
      key: 'edit',
      label: t('editTags'),
      blocked: may('model:model:update') ? null : t('mayNotWrite'),
      run: () => onEdit(model),
    },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('model:model:delete') ? model.blocked.delete : t('mayNotWrite'),
      confirm: {
        title: t('model.delete.title', { name: model.name }),
        message: t('model.delete.message', { count: model.version_count }),
        action: t('delete'),
        danger: true,
        typeName: model.name,
      },
      run: async () => {
        await remove.mutateAsync(model.id)
        notify.success(t('model.deleted', { name: model.name }))
        onDeleted?.()
      },
    },
  ]
}

/** What can be done with a version, in the order of use. */
export function useVersionActions(onDeleted?: () => void): (version: ModelVersion) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const remove = useApiMutation(deleteVersion, TOUCHED)
  const again = useApiMutation(retryImport, TOUCHED)
  const mayWrite = may('model:version:create') ? null : t('mayNotWrite')

  return (version) => {
    const { id, model_name: name, version: number, blocked } = version
    const retry: Action = {
      key: 'retry',
      label: t('retry'),
      blocked: mayWrite ?? blocked.retry,
      run: async () => {
        await again.mutateAsync(id)
        notify.success(t('retry.done'))
      },
    }
    return [
      ...(blocked.retry === null ? [retry] : []),
      {
        key: 'deploy',
        label: t('deploy'),
        primary: true,
        blocked: may('serve:service:create') ? blocked.deploy : t('mayNotDeploy'),
        run: () => void navigate(`/services/new?version=${id}`),
      },
      {
        key: 'evaluate',
        label: t('evaluate'),
        blocked: blocked.evaluate,
        run: () => void navigate(`/evaluations/new?version=${id}`),
      },
      {
        key: 'finetune',
        label: t('finetune'),
        blocked: blocked.deploy,
        run: () => void navigate(`/training/new?model=${id}`),
      },
      {
        key: 'download',
        label: t('download'),
        blocked: blocked.download,
        run: () => window.location.assign(archiveUrl(id)),
      },
      {
        key: 'delete',
        label: t('delete'),
        danger: true,
        blocked: may('model:version:delete') ? blocked.delete : t('mayNotWrite'),
        confirm: {
          title: t('version.delete.title', { name, version: number }),
          message: <DeleteMessage id={id} />,
          action: t('delete'),
          danger: true,
          typeName: `${name} ${number}`,
        },
        run: async () => {
          await remove.mutateAsync(id)
          notify.success(t('version.deleted', { name, version: number }))
          onDeleted?.()
        },
      },
    ]
  }
}

function DeleteMessage({ id }: { id: string }) {
  const t = useText(text)
  return (
    <>
      {t('version.delete.message')}{' '}
      <Link to={`/models/versions/${id}/uses`} target="_blank">
        {t('version.delete.uses')}
      </Link>
    </>
  )
}
