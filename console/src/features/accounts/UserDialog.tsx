import { Checkbox, Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { createUser, updateUser, type User } from './queries'
import { text } from './text'

interface Values {
  name: string
  display_name: string
  password?: string
  is_admin: boolean
}

/** Creates a user, or edits the one given. */
export function UserDialog({ user, onClose }: { user: User | 'new' | null; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const old = typeof user === 'string' ? null : user
  const save = useApiMutation(
    ({ name, password, ...rest }: Values) =>
      old === null
        ? createUser({ ...rest, name, password: password ?? '' })
        : updateUser(old.id, { ...rest, ...(password ? { password } : {}) }),
    ['user', 'me'],
  )
  const submit = async (values: Values) => {
    const saved = await save.mutateAsync(values)
    notify.success(old === null ? t('user.created', { name: saved.name }) : t('user.saved'))
  }
  return (
    <FormDialog<Values>
      open={user !== null}
      title={old === null ? t('users.new') : `${t('edit')}: ${old.name}`}
      submitLabel={old === null ? t('create') : t('save')}
      initialValues={old ?? { is_admin: false, display_name: '' }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            extra={old === null ? t('name.hint') : undefined}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus={old === null} disabled={old !== null} autoComplete="off" />
          </Form.Item>
          <Form.Item name="display_name" label={t('displayName')}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="password"
            label={old === null ? t('password') : t('resetPassword')}
            extra={t('password.rule')}
            rules={[
              { required: old === null, message: t('needed') },
              { min: 8, message: t('password.rule') },
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item name="is_admin" valuePropName="checked" extra={t('admin.hint')}>
            <Checkbox>{t('admin')}</Checkbox>
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
