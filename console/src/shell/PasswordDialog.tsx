import { Form, Input } from 'antd'
import { api, call } from '@/api/client'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { text } from './text'

interface Values {
  old_password: string
  new_password: string
  repeat: string
}

export function PasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const submit = async ({ old_password, new_password }: Values) => {
    await call(api.POST('/api/v1/me/password', { body: { old_password, new_password } }))
    notify.success(t('password.done'))
  }
  return (
    <FormDialog<Values>
      open={open}
      title={t('changePassword')}
      submitLabel={t('changePassword')}
      initialValues={{}}
      onSubmit={submit}
      onClose={onClose}
    >
      {(form) => (
        <>
          <Form.Item name="old_password" label={t('password.old')} rules={[{ required: true }]}>
            <Input.Password autoFocus autoComplete="current-password" />
          </Form.Item>
          <Form.Item
            name="new_password"
            label={t('password.new')}
            extra={t('password.rule')}
            rules={[{ required: true, min: 8, message: t('password.rule') }]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="repeat"
            label={t('password.repeat')}
            dependencies={['new_password']}
            rules={[
              {
                validator: (_, value) =>
                  value === form.getFieldValue('new_password')
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('password.differ'))),
              },
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
