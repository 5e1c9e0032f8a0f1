import { Checkbox, Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { changeEnvironment, type Environment } from './queries'
import { text } from './text'

interface Values {
  purposes: ('training' | 'serving')[]
  description: string
  tags: KeyValue[]
}

interface Props {
  environment: Environment | null
  onClose: () => void
}

/** What may change: never what it contains. */
export function EditDialog({ environment, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const save = useApiMutation(
    ({ purposes, description, tags }: Values) =>
      changeEnvironment(environment?.id ?? '', { purposes, description, tags: toRecord(tags) }),
    ['environment'],
  )
  const submit = async (values: Values) => {
    await save.mutateAsync(values)
    notify.success(t('saved'))
  }
  return (
    <FormDialog<Values>
      key={environment?.id}
      open={environment !== null}
      title={`${t('edit')}: ${environment?.name ?? ''}`}
      submitLabel={t('save')}
      initialValues={{
        purposes: environment?.purposes as Values['purposes'] | undefined,
        description: environment?.description,
        tags: fromRecord(environment?.tags ?? {}),
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item name="purposes" label={t('purposes')}>
            <Checkbox.Group
              options={[
                { value: 'training', label: t('purpose.training') },
                { value: 'serving', label: t('purpose.serving') },
              ]}
            />
          </Form.Item>
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
