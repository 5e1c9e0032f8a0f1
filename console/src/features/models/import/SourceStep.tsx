import { useQuery } from '@tanstack/react-query'
import { Form, Segmented, Select, type FormInstance } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { PlaceField } from '@/features/datasets/place/PlaceField'
import { PlacePeek } from '@/features/datasets/place/PlacePeek'
import { StatusTag } from '@/ui/StatusTag'
import { Sentence } from '@/ui/Sentence'
import { formatList, taskChoices } from '../queries'
import { text } from './text'
import { useField } from './useField'
import type { Values } from './values'

export function SourceStep({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const origin = useField(form, 'origin')
  return (
    <>
      <Form.Item name="origin" label={t('origin')} required>
        <Segmented
          options={[
            { value: 'task', label: t('origin.task') },
            { value: 'storage', label: t('origin.storage') },
          ]}
        />
      </Form.Item>
      {origin === 'task' ? (
        <Form.Item
          name="task_id"
          label={t('task')}
          extra={t('task.hint')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <TaskField />
        </Form.Item>
      ) : (
        <StorageFields form={form} />
      )}
      <FormatFields form={form} />
    </>
  )
}

interface FieldProps {
  id?: string
  value?: string
  onChange?: (value: string) => void
}

/** Tasks that cannot be published stay in the list and say why. */
function TaskField(field: FieldProps) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery(taskChoices(search))
  const tasks = data?.items ?? []
  return (
    <Select<string>
      {...field}
      placeholder={t('task.choose')}
      loading={isFetching}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      notFoundContent={t('task.none')}
      options={tasks.map(({ id, name, blocked }) => ({
        value: id,
        label: name,
        title: '',
        disabled: blocked.publish != null,
      }))}
      optionRender={({ value }) => {
        const task = tasks.find(({ id }) => id === value)
        return task === undefined ? null : (
          <span className="models-option">
            <span className="sw-menu-label">
              {task.name}
              <small className="sw-faint">
                <Sentence of={task.blocked.publish ?? task.id} />
              </small>
            </span>
            <StatusTag state={task.state} />
          </span>
        )
      }}
    />
  )
}

function StorageFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const source = useField(form, 'source')
  return (
    <>
      <Form.Item
        name="source"
        label={t('source')}
        extra={t('source.hint')}
        rules={[{ required: true, whitespace: true, message: t('needed') }]}
      >
        <PlaceField />
      </Form.Item>
      {source === '' ? null : <PlacePeek address={source} />}
      <Form.Item name="move" label={t('move')} extra={t('move.hint')} required>
        <Segmented
          options={[
            { value: false, label: t('move.copy') },
            { value: true, label: t('move.cut') },
          ]}
        />
      </Form.Item>
    </>
  )
}

/** The environments offered follow the format. */
function FormatFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const formats = useQuery(formatList()).data?.items ?? []
  const origin = useField(form, 'origin')
  const format = useField(form, 'format')
  const chosen = formats.find(({ name }) => name === format)
  return (
    <>
      <Form.Item
        name="format"
        label={t('format')}
        extra={chosen ? t('format.holds', { content: chosen.content }) : null}
        required
      >
        <Select<string>
          showSearch
          options={formats.map(({ name }) => ({ value: name, label: name }))}
          onChange={() => form.setFieldValue('environment', undefined)}
        />
      </Form.Item>
      {origin === 'storage' ? (
        <Form.Item name="environment" label={t('environment')}>
          <Select<string>
            allowClear
            placeholder={chosen?.environments[0]}
            options={chosen?.environments.map((name) => ({ value: name, label: name }))}
          />
        </Form.Item>
      ) : null}
    </>
  )
}
