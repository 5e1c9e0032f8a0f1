import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { createFolder } from './queries'
import { text } from './text'

interface Props {
  bucket: string
  folder: string
  open: boolean
  onClose: () => void
}

export function FolderDialog({ bucket, folder, open, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const create = useApiMutation((name: string) => createFolder(bucket, folder + name), ['bucket'])
  const submit = async ({ name }: { name: string }) => {
    await create.mutateAsync(name)
    notify.success(t('folder.made', { name }))
  }
  return (
    <FormDialog<{ name: string }>
      open={open}
      title={t('folder.new')}
      submitLabel={t('create')}
      initialValues={{}}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <Form.Item
          name="name"
          label={t('folder.name')}
          rules={[
            { required: true, message: t('needed') },
            { pattern: /^[^/]+$/, message: t('noSlash') },
          ]}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
      )}
    </FormDialog>
  )
}
