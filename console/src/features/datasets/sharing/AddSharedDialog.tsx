import { Form, Input } from 'antd'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { addShared } from './queries'
import { text } from './text'

interface Values {
  token: string
  name: string
}

/** A dataset that someone shared by token, copied into this project. */
export function AddSharedDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const add = useApiMutation(addShared, ['dataset'])
  const submit = async ({ token, name }: Values) => {
    const made = await add.mutateAsync({ token: token.trim(), name: name.trim() || null })
    notify.success(t('add.done', { name: made.name }))
    void navigate(`/datasets/${made.id}`)
  }
  return (
    <FormDialog<Values>
      open={open}
      title={t('add')}
      submitLabel={t('add')}
      initialValues={{ token: '', name: '' }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="datasets-dialog-hint">{t('hint')}</p>
          <Form.Item
            name="token"
            label={t('add.token')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus autoComplete="off" placeholder="sds-…" maxLength={100} />
          </Form.Item>
          <Form.Item name="name" label={t('add.name')} extra={t('add.nameHint')}>
            <Input autoComplete="off" maxLength={60} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
