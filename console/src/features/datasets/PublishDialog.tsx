import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { defineText, useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { publishVersion, type Dataset } from './queries'

const text = defineText(
  'datasets-publish',
  {
    title: 'New version of {{name}}',
    publish: 'Publish',
    hint: 'Reads {{address}} again and keeps what is there now as {{version}}. Earlier versions stay as they are.',
    note: 'What changed',
    done: '{{version}} is being imported',
  },
  {
    title: '发布 {{name}} 的新版本',
    publish: '发布',
    hint: '重新读取 {{address}}，并将当前内容固定为 {{version}}。之前的版本保持不变。',
    note: '变更说明',
    done: '{{version}} 正在导入',
  },
)

interface Props {
  dataset: Dataset | null
  onClose: () => void
}

export function PublishDialog({ dataset, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const publish = useApiMutation(
    (description: string) => publishVersion(dataset?.id ?? '', description),
    ['dataset'],
  )
  const submit = async ({ description }: { description: string }) => {
    const version = await publish.mutateAsync(description)
    notify.success(t('done', { version: version.name }))
  }
  return (
    <FormDialog<{ description: string }>
      open={dataset !== null}
      title={t('title', { name: dataset?.name ?? '' })}
      submitLabel={t('publish')}
      initialValues={{ description: '' }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="datasets-dialog-hint">
            {t('hint', {
              address: dataset?.address ?? '',
              version: `v${(dataset?.newest?.number ?? 0) + 1}`,
            })}
          </p>
          <Form.Item name="description" label={t('note')}>
            <Input.TextArea autoFocus rows={3} maxLength={500} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
