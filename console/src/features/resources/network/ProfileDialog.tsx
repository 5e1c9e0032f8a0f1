import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Button, Form } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { groupList } from '../queries'
import { saveProfile, type Profile } from './queries'
import { text } from './text'

export type Editing = Profile | 'new' | null

interface Values {
  gpu_model: string
  variables: KeyValue[]
}

interface Props {
  editing: Editing
  /** Card models that have a profile. */
  known: readonly string[]
  example: Record<string, string>
  onClose: () => void
}

export function ProfileDialog({ editing, known, example, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const save = useApiMutation(saveProfile, ['network-profile'])
  if (editing === null) return null
  const old = editing === 'new' ? null : editing
  const submit = async ({ gpu_model, variables }: Values) => {
    const model = (old?.gpu_model ?? gpu_model).trim()
    await save.mutateAsync({ gpu_model: model, variables: toRecord(variables) })
    notify.success(t('saved', { model }))
  }
  return (
    <FormDialog<Values>
      open
      title={old === null ? t('new') : t('editTitle', { model: old.gpu_model })}
      submitLabel={t('save')}
      initialValues={{ gpu_model: '', variables: fromRecord(old?.variables ?? {}) }}
      onSubmit={submit}
      onClose={onClose}
    >
      {(form) => (
        <>
          {old === null ? <ModelField known={known} /> : null}
          <Form.Item<Values>
            name="variables"
            label={t('variables')}
            extra={
              <Button
                type="link"
                size="small"
                onClick={() => form.setFieldValue('variables', fromRecord(example))}
              >
                {t('example')}
              </Button>
            }
          >
            <KeyValueEditor max={100} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}

/** Those that the groups have are offered. */
function ModelField({ known }: { known: readonly string[] }) {
  const t = useText(text)
  const { data } = useQuery(groupList())
  const there = new Set((data?.items ?? []).flatMap(({ cards }) => cards.map(({ model }) => model)))
  return (
    <Form.Item<Values>
      name="gpu_model"
      label={t('model')}
      extra={t('model.hint')}
      rules={[
        { required: true, whitespace: true, message: t('needed') },
        {
          validator: (_: unknown, model: string) =>
            known.includes(model.trim())
              ? Promise.reject(new Error(t('model.taken')))
              : Promise.resolve(),
        },
      ]}
    >
      <AutoComplete
        options={[...there].filter((one) => !known.includes(one)).map((value) => ({ value }))}
      />
    </Form.Item>
  )
}
