import { Alert } from 'antd'
import type { ReactNode } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { Panel } from '@/ui/Page'
import { restoreFiles, writeFiles, type Task } from '../queries'
import { filesText as text } from './filesText'

/** The dataset's own files: whether labels go into them, and the ways back. */
export function FilesPanel({ task }: { task: Task }) {
  const t = useText(text)
  const say = useSentence()
  const may = useMay()('label:task:update')
  const write = useApiMutation(
    (over: boolean) => writeFiles(task.id, over),
    ['label-task', 'dataset'],
  )
  const restore = useApiMutation(() => restoreFiles(task.id), ['label-task', 'dataset'])
  if (task.kind !== 'records') return null
  const { files } = task
  const blocked = may ? null : t('mayNot')
  const state = files?.state ?? 'safe'
  const buttons: ReactNode[] = []
  if (state === 'safe' || state === 'stopped') {
    buttons.push(
      <ActionButton
        key="write"
        size="small"
        action={{
          key: 'write',
          label: t(state === 'safe' ? 'begin' : 'again'),
          blocked,
          ...(state === 'safe'
            ? {
                confirm: {
                  title: t('begin.title'),
                  message: t('begin.message'),
                  action: t('begin'),
                },
              }
            : {}),
          run: () => write.mutateAsync(false),
        }}
      />,
    )
  }
  if (state === 'stopped') {
    buttons.push(
      <ActionButton
        key="over"
        size="small"
        action={{
          key: 'over',
          label: t('over'),
          danger: true,
          blocked,
          confirm: {
            title: t('over.title'),
            message: t('over.message'),
            action: t('over'),
            danger: true,
          },
          run: () => write.mutateAsync(true),
        }}
      />,
    )
  }
  if (state !== 'safe') {
    buttons.push(
      <ActionButton
        key="restore"
        size="small"
        action={{
          key: 'restore',
          label: t('restore'),
          blocked,
          confirm: {
            title: t('restore.title'),
            message: t('restore.message'),
            action: t('restore'),
            danger: true,
          },
          run: () => restore.mutateAsync(),
        }}
      />,
    )
  }
  return (
    <Panel title={t('files')} actions={<span className="sw-row">{buttons}</span>}>
      {state === 'stopped' ? (
        <Alert
          type="warning"
          showIcon
          title={t('state.stopped')}
          description={say(files?.reason ?? '')}
        />
      ) : (
        <span className="sw-soft">{t(`state.${state}`)}</span>
      )}
    </Panel>
  )
}
