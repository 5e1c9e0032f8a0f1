import { useQuery } from '@tanstack/react-query'
import { Form, Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { modelFormats, publishTask, type Checkpoint, type Task } from './queries'
import { modelChoices } from './sources'
import { text } from './text'

interface Values {
  into: 'new' | 'next'
  name: string
  model_id?: string
  format: string
}

interface Props {
  /** Open while there is one. */
  task: Task | null
  /** The model of this checkpoint instead of the final one. */
  checkpoint: Checkpoint | null
  onClose: () => void
}

/** From a task to the model repository: a new model, or the next version of one that is there. */
export function PublishDialog({ task, checkpoint, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const publish = useApiMutation(
    ({ id, values }: { id: string; values: Values }) =>
      publishTask(id, {
        ...(values.into === 'new' ? { name: values.name.trim() } : { model_id: values.model_id }),
        format: values.format,
        checkpoint: checkpoint?.path ?? null,
        tags: {},
      }),
    ['model', 'model_version', 'task'],
  )
  const submit = async (values: Values) => {
    if (task === null) return
    const version = await publish.mutateAsync({ id: task.id, values })
    notify.success(t('publish.done', { name: `${version.model_name} ${version.version}` }))
    void navigate(`/models/${version.model_id}`)
  }
  return (
    <FormDialog<Values>
      key={`${task?.id} ${checkpoint?.path}`}
      open={task !== null}
      title={checkpoint ? t('publish.checkpoint', { name: checkpoint.name }) : t('publish.title')}
      submitLabel={t('publish.do')}
      initialValues={{
        into: 'new',
        name: task?.name,
        format: task?.environment === 'llm' ? 'Hugging Face LLM' : 'PyTorch',
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => <Fields />}
    </FormDialog>
  )
}

function Fields() {
  const t = useText(text)
  const into = Form.useWatch<Values['into'] | undefined>('into')
  const formats = useQuery(modelFormats())
  const needed = [{ required: true, message: t('needed') }]
  return (
    <>
      <p className="sw-soft training-dialog-lead">{t('publish.lead')}</p>
      <Form.Item name="into">
        <Segmented
          block
          options={[
            { value: 'new', label: t('publish.new') },
            { value: 'next', label: t('publish.next') },
          ]}
        />
      </Form.Item>
      {into === 'next' ? (
        <Form.Item name="model_id" label={t('publish.model')} rules={needed}>
          <ModelField />
        </Form.Item>
      ) : (
        <Form.Item name="name" label={t('publish.name')} rules={needed}>
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
      )}
      <Form.Item name="format" label={t('publish.format')} rules={needed}>
        <Select
          loading={formats.isPending}
          options={(formats.data?.items ?? []).map(({ name, content }) => ({
            value: name,
            label: name,
            hint: content,
          }))}
          optionRender={({ data }) => (
            <span className="sw-menu-label">
              {data.label}
              <small className="sw-faint">{data.hint}</small>
            </span>
          )}
        />
      </Form.Item>
    </>
  )
}

interface FieldProps {
  id?: string
  value?: string
  onChange?: (id: string) => void
}

function ModelField({ id, value, onChange }: FieldProps) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery(modelChoices(search))
  return (
    <Select<string>
      id={id}
      value={value}
      onChange={onChange}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      loading={isFetching}
      notFoundContent={t('publish.noModel')}
      options={(data?.items ?? []).map((model) => ({
        value: model.id,
        label: t('publish.choice', { name: model.name, count: model.version_count }),
      }))}
    />
  )
}
