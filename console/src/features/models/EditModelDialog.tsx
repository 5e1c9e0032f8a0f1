import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { changeModel, type Model } from './queries'
import { text } from './text'

interface Values {
  description: string
  tags: KeyValue[]
}

interface Props {
  model: Model | null
  onClose: () => void
}

export function EditModelDialog({ model, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const save = useApiMutation(
    ({ description, tags }: Values) =>
      changeModel(model?.id ?? '', { description, tags: toRecord(tags) }),
    ['model'],
  )
  const submit = async (values: Values) => {
    await save.mutateAsync(values)
    notify.success(t('saved'))
  }
  return (
    <FormDialog<Values>
      key={model?.id}
      open={model !== null}
      title={`${t('editTags')}: ${model?.name ?? ''}`}
      submitLabel={t('save')}
      initialValues={{ description: model?.description, tags: fromRecord(model?.tags ?? {}) }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item name="tags" label={t('tags')}>
            <KeyValueEditor max={50} />
          </Form.Item>
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
