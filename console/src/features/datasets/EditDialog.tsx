import { Form, Input, Switch } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { LabelsField } from './LabelsField'
import { NAME } from './name'
import { changeDataset, type Dataset } from './queries'
import { text } from './text'

interface Values {
  name: string
  description: string
  labels: string[]
  tags: KeyValue[]
  preview: boolean
}

interface Props {
  dataset: Dataset | null
  onClose: () => void
}

export function EditDialog({ dataset, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const save = useApiMutation(
    ({ tags, ...rest }: Values) =>
      changeDataset(dataset?.id ?? '', { ...rest, tags: toRecord(tags) }),
    ['dataset'],
  )
  const submit = async (values: Values) => {
    await save.mutateAsync(values)
    notify.success(t('saved'))
  }
  return (
    <FormDialog<Values>
      key={dataset?.id}
      open={dataset !== null}
      title={`${t('edit')}: ${dataset?.name ?? ''}`}
      submitLabel={t('save')}
      initialValues={{
        name: dataset?.name,
        description: dataset?.description,
        labels: dataset?.labels,
        tags: fromRecord(dataset?.tags ?? {}),
        preview: dataset?.preview,
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            rules={[
              { required: true, message: t('needed') },
              { pattern: NAME, message: t('nameRule') },
            ]}
          >
            <Input autoFocus autoComplete="off" maxLength={60} />
          </Form.Item>
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
          <LabelsField />
          <Form.Item name="tags" label={t('tags')}>
            <KeyValueEditor max={50} />
          </Form.Item>
          <Form.Item
            name="preview"
            label={t('preview')}
            extra={t('previewHint')}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
