import {
  CopyOutlined,
  DeleteOutlined,
  DeploymentUnitOutlined,
  PauseOutlined,
} from '@ant-design/icons'
import { Checkbox } from 'antd'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { useNotify } from '@/ui/notify'
import { deleteSearch, stopSearch, type Search } from './queries'
import { text } from './text'

interface Options {
  onPublish: (search: Search) => void
  onDeleted?: () => void
}

/** What can be done to a search, the likely things first. */
export function useSearchActions({ onPublish, onDeleted }: Options): (search: Search) => Action[] {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  const stop = useStop()
  const remove = useDelete(onDeleted)
  return (search) => {
    const publish: Action = {
      key: 'publish',
      label: t('publish'),
      icon: <DeploymentUnitOutlined aria-hidden />,
      blocked: !may('model:version:create')
        ? t('mayNot')
        : search.best_number === null
          ? t('publish.none')
          : null,
      run: () => onPublish(search),
    }
    const copy: Action = {
      key: 'copy',
      label: t('copy'),
      icon: <CopyOutlined aria-hidden />,
      blocked: may('train:search:create') ? null : t('mayNot'),
      run: () => void navigate(`/searches/new?copy=${search.id}`),
    }
    return [publish, stop(search), copy, remove(search)]
  }
}

function useStop(): (search: Search) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const stop = useApiMutation(stopSearch, ['search', 'task'])
  return ({ id, name, blocked }) => ({
    key: 'stop',
    label: t('stop'),
    icon: <PauseOutlined aria-hidden />,
    blocked: may('train:search:stop') ? (blocked.stop ?? null) : t('mayNot'),
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
}

function useDelete(onDeleted: (() => void) | undefined): (search: Search) => Action {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const remove = useApiMutation(deleteSearch, onDeleted ? [] : ['search', 'task'])
  return ({ id, name, blocked }) => {
    // Belongs to this one question; the answer is read when the person says yes.
    const choice = { withTasks: false }
    return {
      key: 'delete',
      label: t('delete'),
      icon: <DeleteOutlined aria-hidden />,
      danger: true,
      blocked: may('train:search:delete') ? (blocked.delete ?? null) : t('mayNot'),
      confirm: {
        title: t('delete.title', { name }),
        message: (
          <div className="training-delete">
            <p>{t('delete.message')}</p>
            <Checkbox onChange={(event) => (choice.withTasks = event.target.checked)}>
              {t('delete.tasks')}
            </Checkbox>
          </div>
        ),
        action: t('delete'),
        danger: true,
        typeName: name,
      },
      run: async () => {
        await remove.mutateAsync({ id, withTasks: choice.withTasks })
        notify.success(t('delete.done', { name }))
        onDeleted?.()
      },
    }
  }
}
