import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { moveObject, type StoredObject } from './queries'
import { text } from './text'

interface Props {
  bucket: string
  object: StoredObject | null
  onClose: () => void
}

export function MoveDialog({ bucket, object, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const from = object?.key.replace(/\/$/, '') ?? ''
  const move = useApiMutation((to: string) => moveObject(bucket, from, to), ['bucket'])
  const submit = async ({ to }: { to: string }) => {
    await move.mutateAsync(to)
    notify.success(t('move.done', { to }))
  }
  return (
    <FormDialog<{ to: string }>
      key={from}
      open={object !== null}
      title={`${t('move')}: ${object?.name ?? ''}`}
      submitLabel={t('move')}
      initialValues={{ to: from }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <Form.Item
          name="to"
          label={t('move.target')}
          extra={t('move.hint')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <Input autoFocus autoComplete="off" className="sw-mono" />
        </Form.Item>
      )}
    </FormDialog>
  )
}
