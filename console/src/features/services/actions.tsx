import {
  CaretRightOutlined,
  DeleteOutlined,
  EditOutlined,
  MessageOutlined,
  PauseOutlined,
} from '@ant-design/icons'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { kindsOf } from '../playground/kinds'
import { deleteService, startService, stopService, type Service } from './queries'
import { text } from './text'

interface Options {
  onEdit: (service: Service) => void
  onDeleted?: () => void
}

/** What can be done to a service, the likely things first. */
export function useServiceActions({ onEdit, onDeleted }: Options) {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const turn = useTurn()
  const remove = useDelete(onDeleted)
  return (service: Service): Action[] => {
    const [kind] = kindsOf(service)
    const chat: Action = {
      key: 'chat',
      label: t('chat'),
      icon: <MessageOutlined aria-hidden />,
      blocked: may('serve:service:call') ? (service.blocked.call ?? null) : t('mayNot'),
      run: () => void navigate(`/playground?kind=${kind ?? 'chat'}&service=${service.id}`),
    }
    const edit: Action = {
      key: 'edit',
      label: t('edit'),
      icon: <EditOutlined aria-hidden />,
      blocked: may('serve:service:update') ? null : t('mayNot'),
      run: () => onEdit(service),
    }
    return [turn(service), ...(kind === undefined ? [] : [chat]), edit, remove(service)]
  }
}

/** Stop while anything of it runs, start when it is down. */
function useTurn(): (service: Service) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const stop = useApiMutation(stopService, ['service'])
  const start = useApiMutation(startService, ['service'])
  const stopping = ({ id, name, blocked }: Service): Action => ({
    key: 'stop',
    label: t('stop'),
    icon: <PauseOutlined aria-hidden />,
    blocked: may('serve:service:stop') ? (blocked.stop ?? null) : t('mayNot'),
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
  })
  const starting = ({ id, name, blocked }: Service): Action => ({
    key: 'start',
    label: t('start'),
    icon: <CaretRightOutlined aria-hidden />,
    blocked: may('serve:service:start') ? (blocked.start ?? null) : t('mayNot'),
    run: async () => {
      await start.mutateAsync(id)
      notify.success(t('start.done', { name }))
    },
  })
  return (service) => (service.blocked.stop === null ? stopping(service) : starting(service))
}

function useDelete(onDeleted: (() => void) | undefined): (service: Service) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteService, onDeleted ? [] : ['service'])
  return ({ id, name, blocked }) => ({
    key: 'delete',
    label: t('delete'),
    icon: <DeleteOutlined aria-hidden />,
    danger: true,
    blocked: may('serve:service:delete') ? (blocked.delete ?? null) : t('mayNot'),
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
