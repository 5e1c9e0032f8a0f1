import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import {
  deleteVersion,
  restartVersion,
  startVersion,
  stopVersion,
  type ServiceDetail,
  type Version,
} from './queries'
import { text } from './text'

/** What can be done to one version. */
export function useVersionActions(service: ServiceDetail, onScale: (version: Version) => void) {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const turn = useTurn()
  const restart = useRestart()
  const remove = useDelete()
  return (version: Version): Action[] => [
    {
      key: 'update',
      label: t('version.update'),
      blocked: may('serve:service:update') ? (version.blocked.update ?? null) : t('mayNot'),
      run: () => void navigate(`/services/${service.id}/update-version?version=${version.id}`),
    },
    {
      key: 'scale',
      label: t('version.scale'),
      blocked: may('serve:service:scale') ? (version.blocked.scale ?? null) : t('mayNot'),
      run: () => onScale(version),
    },
    turn(version),
    restart(version),
    {
      key: 'logs',
      label: t('version.logs'),
      run: () => void navigate(`/services/${service.id}/logs?version=${version.id}`),
    },
    remove(version),
  ]
}

function useTurn(): (version: Version) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const start = useApiMutation(startVersion, ['service'])
  const stop = useApiMutation(stopVersion, ['service'])
  return ({ id, name, blocked }) =>
    blocked.stop === null
      ? {
          key: 'stop',
          label: t('stop'),
          blocked: may('serve:service:stop') ? null : t('mayNot'),
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
          key: 'start',
          label: t('start'),
          blocked: may('serve:service:start') ? (blocked.start ?? null) : t('mayNot'),
          run: async () => {
            await start.mutateAsync(id)
            notify.success(t('start.done', { name }))
          },
        }
}

function useRestart(): (version: Version) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const restart = useApiMutation(restartVersion, ['service'])
  return ({ id, name, blocked }) => ({
    key: 'restart',
    label: t('version.restart'),
    blocked: may('serve:service:update') ? (blocked.restart ?? null) : t('mayNot'),
    confirm: {
      title: t('version.restart.title', { name }),
      message: t('version.restart.message'),
      action: t('version.restart'),
    },
    run: async () => {
      await restart.mutateAsync(id)
      notify.success(t('version.restart.done', { name }))
    },
  })
}

function useDelete(): (version: Version) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteVersion, ['service'])
  return ({ id, name, blocked }) => ({
    key: 'delete',
    label: t('delete'),
    danger: true,
    blocked: may('serve:service:delete') ? (blocked.delete ?? null) : t('mayNot'),
    confirm: {
      title: t('delete.title', { name }),
      message: t('version.delete.message'),
      action: t('delete'),
      danger: true,
      typeName: name,
    },
    run: async () => {
      await remove.mutateAsync(id)
      notify.success(t('delete.done', { name }))
    },
  })
}
