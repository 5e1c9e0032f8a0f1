import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Modal, Radio, Select, Skeleton, Space } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import type { Task } from '../queries'
import { telemetryText } from '../telemetryText'
import { text } from '../text'
import {
  startBoard,
  stopBoard,
  taskBoard,
  type Board,
  type BoardChoice,
  type BoardForm,
} from './queries'

interface Props {
  /** Open while there is one. */
  task: Pick<Task, 'id' | 'name'> | null
  onClose: () => void
}

/** A task's TensorBoard: choose what it shows, then its state and the way to it. */
export function TensorBoardDialog({ task, onClose }: Props) {
  const t = useText(telemetryText)
  return (
    <Modal
      open={task !== null}
      title={t('board.title', { name: task?.name ?? '' })}
      footer={null}
      width={560}
      onCancel={onClose}
      destroyOnHidden
    >
      {task === null ? null : <Content task={task} />}
    </Modal>
  )
}

function Content({ task }: { task: Pick<Task, 'id' | 'name'> }) {
  const { data, error, refetch } = useQuery(taskBoard(task.id))
  if (data === undefined) {
    return error === null ? (
      <Skeleton active />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  const { board } = data
  const running = board !== null && ['starting', 'ready'].includes(board.state)
  return (
    <div className="sw-stack">
      {board === null ? null : <BoardFacts board={board} />}
      {running ? <Running task={task} board={board} /> : <Choose id={task.id} choice={data} />}
    </div>
  )
}

function BoardFacts({ board }: { board: Board }) {
  const t = useText(telemetryText)
  return (
    <Facts
      columns={1}
      items={[
        {
          key: 'state',
          label: t('board.state'),
          value: <StatusTag state={board.state} reason={board.reason} />,
        },
        { key: 'store', label: t('board.store'), value: t(`board.${board.store}`) },
        { key: 'address', label: t('board.address'), value: <code>{board.address}</code> },
        { key: 'path', label: t('board.path'), value: <code>{board.container_path}</code> },
      ]}
    />
  )
}

function Running({ task, board }: { task: Pick<Task, 'id' | 'name'>; board: Board }) {
  const t = useText(telemetryText)
  const words = useText(text)
  const may = useMay()
  const stop = useApiMutation(stopBoard, ['task'])
  return (
    <>
      {board.state === 'starting' ? (
        <Alert
          type="info"
          showIcon
          title={board.reason ? <Sentence of={board.reason} /> : t('board.starting')}
        />
      ) : null}
      <Space wrap>
        <Button type="primary" href={board.path} target="_blank">
          {t('board.open')}
        </Button>
        <ActionButton
          action={{
            key: 'edit',
            label: t('board.edit'),
            blocked: t('board.editHint'),
            run: nothing,
          }}
        />
        <ActionButton
          action={{
            key: 'stop',
            label: t('board.stop'),
            blocked: may('train:tensorboard:stop') ? null : words('mayNot'),
            confirm: {
              title: t('board.stopTitle', { name: task.name }),
              message: t('board.stopMessage'),
              action: t('board.stop'),
            },
            run: () => stop.mutateAsync(task.id),
          }}
        />
      </Space>
    </>
  )
}

function Choose({ id, choice }: { id: string; choice: BoardChoice }) {
  const t = useText(telemetryText)
  const words = useText(text)
  const may = useMay()
  const start = useApiMutation(startBoard, ['task'])
  const [form, setForm] = useState<Required<BoardForm>>({
    store: choice.board?.store ?? 'summary',
    mount: choice.mounts[0] ?? '',
    sub_directory: '',
  })
  const noMounts = form.store === 'mount' && choice.mounts.length === 0 ? t('board.noMounts') : null
  const mayNot = may('train:tensorboard:create') ? null : words('mayNot')
  return (
    <>
      {choice.board?.reason ? <Warning of={choice.board.reason} /> : null}
      {choice.blocked === null ? null : <Warning of={choice.blocked} />}
      {start.error === null ? null : (
        <Alert type="error" showIcon role="alert" title={problemWords(start.error).message} />
      )}
      <Form layout="vertical" component="div">
        <Form.Item label={t('board.store')}>
          <Radio.Group
            value={form.store}
            onChange={(event) => setForm({ ...form, store: event.target.value as Board['store'] })}
            options={[
              { value: 'summary', label: t('board.summary') },
              { value: 'mount', label: t('board.mount') },
            ]}
          />
        </Form.Item>
        {form.store === 'summary' ? (
          <Facts
            columns={1}
            items={[
              {
                key: 'address',
                label: t('board.address'),
                value: <code>{choice.summary_address}</code>,
              },
              { key: 'path', label: t('board.path'), value: <code>{choice.summary_path}</code> },
            ]}
          />
        ) : (
          <MountFields form={form} mounts={choice.mounts} onForm={setForm} />
        )}
        <div className="training-board-do">
          <ActionButton
            action={{
              key: 'start',
              label: choice.board === null ? t('board.start') : t('board.startAgain'),
              primary: true,
              blocked: choice.blocked ?? mayNot ?? noMounts,
              run: () => start.mutateAsync({ id, body: form }).catch(nothing),
            }}
          />
        </div>
      </Form>
    </>
  )
}

function Warning({ of }: { of: string }) {
  return <Alert type="warning" showIcon title={<Sentence of={of} />} />
}

interface MountProps {
  form: Required<BoardForm>
  mounts: readonly string[]
  onForm: (form: Required<BoardForm>) => void
}

function MountFields({ form, mounts, onForm }: MountProps) {
  const t = useText(telemetryText)
  return (
    <>
      <Form.Item label={t('board.mountChoose')}>
        <Select
          aria-label={t('board.mountChoose')}
          value={form.mount || undefined}
          placeholder={t('board.noMounts')}
          onChange={(mount) => onForm({ ...form, mount })}
          options={mounts.map((value) => ({ value, label: value }))}
        />
      </Form.Item>
      <Form.Item label={t('board.sub')}>
        <Input
          aria-label={t('board.sub')}
          prefix={<code className="sw-faint">{form.mount}/</code>}
          placeholder={t('board.subHint')}
          value={form.sub_directory}
          onChange={(event) => onForm({ ...form, sub_directory: event.target.value })}
        />
      </Form.Item>
    </>
  )
}

/** The form shows what went wrong; a blocked button does nothing. */
function nothing(): void {
  return
}
