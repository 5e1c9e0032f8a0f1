import { useQuery } from '@tanstack/react-query'
import { Form, Input, Segmented, Select, type FormInstance } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { NAME } from '@/features/datasets/name'
import { PlaceField } from '@/features/datasets/place/PlaceField'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { modelList, oneModel } from '../queries'
import { text } from './text'
import { useField } from './useField'
import type { Values } from './values'

export function ModelStep({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const target = useField(form, 'target')
  const origin = useField(form, 'origin')
  return (
    <>
      <Form.Item name="target" label={t('target')} required>
        <Segmented
          options={[
            { value: 'new', label: t('target.new') },
            { value: 'version', label: t('target.version') },
          ]}
        />
      </Form.Item>
      {target === 'new' ? (
        <Form.Item
          name="name"
          label={t('name')}
          extra={t('nameRule')}
          rules={[
            { required: true, message: t('needed') },
            { pattern: NAME, message: t('nameWrong') },
          ]}
        >
          <Input autoComplete="off" maxLength={60} showCount />
        </Form.Item>
      ) : (
        <Form.Item
          name="model_id"
          label={t('model')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <ModelField />
        </Form.Item>
      )}
      {origin === 'storage' ? (
        <>
          <Form.Item name="metrics" label={t('metrics')} extra={t('metrics.hint')}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} placeholder="accuracy=0.93" />
          </Form.Item>
          <Form.Item name="save_root" label={t('saveRoot')} extra={t('saveRoot.hint')}>
            <PlaceField />
          </Form.Item>
        </>
      ) : null}
      {origin === 'storage' && target === 'new' ? (
        <Form.Item name="description" label={t('description')}>
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
      ) : null}
      <Form.Item name="tags" label={t('tags')}>
        <KeyValueEditor max={50} />
      </Form.Item>
    </>
  )
}

interface FieldProps {
  id?: string
  value?: string
  onChange?: (value: string) => void
}

function ModelField(field: FieldProps) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const list = useQuery(
    modelList({ limit: 50, order: '-created_at', ...(search === '' ? {} : { search }) }),
  )
  // The model of the address may be further down than the list goes.
  const { value = '' } = field
  const chosen = useQuery({ ...oneModel(value), enabled: value !== '' }).data
  const items = list.data?.items ?? []
  const all =
    chosen === undefined || items.some(({ id }) => id === chosen.id) ? items : [chosen, ...items]
  return (
    <Select<string>
      {...field}
      placeholder={t('model.choose')}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      options={all.map(({ id, name, newest }) => ({
        value: id,
        label: newest === null ? name : `${name} (${t('model.next', { version: newest.version })})`,
      }))}
    />
  )
}
