import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber, Select } from 'antd'
import { useText } from '@/base/text'
import { groupList } from '../../resources/queries'
import { text } from '../text'
import { FreeNow } from './FreeNow'
import { GibInput } from './GibInput'
import { RolesField } from './RolesField'
import { formText } from './text'
import { isByRole, type Values } from './values'

/** The resource group with what is free in it, and what each instance asks for. */
export function ResourceFields() {
  const t = useText(text)
  const f = useText(formText)
  const { data, isPending } = useQuery(groupList())
  const form = Form.useFormInstance<Values>()
  const groupId = Form.useWatch('resource_group', form)
  const mode = Form.useWatch('mode', form)
  const gpus = Form.useWatch('gpus', form) as number | null | undefined
  const group = data?.items.find(({ id }) => id === groupId)
  const models = group?.cards.map(({ model }) => model) ?? []
  const needed = [{ required: true, message: t('needed') }]
  return (
    <>
      <Form.Item<Values> name="resource_group" label={t('group')} rules={needed}>
        <Select
          className="training-narrow"
          loading={isPending}
          options={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Form.Item>
      {group ? <FreeNow group={group} /> : null}
      {isByRole(mode) ? <RolesField mode={mode} models={models} /> : null}
      <div className="training-amounts" hidden={isByRole(mode)}>
        {mode === 'single' ? null : (
          <Form.Item<Values> name="instances" label={f('instances')} rules={needed}>
            <InputNumber min={1} max={1000} precision={0} />
          </Form.Item>
        )}
        <Form.Item<Values> name="cpu_cores" label={f('cpu')} rules={needed}>
          <InputNumber min={0.1} max={1024} step={1} />
        </Form.Item>
        <Form.Item<Values> name="memory_bytes" label={f('memory')} rules={needed}>
          <GibInput />
        </Form.Item>
        <Form.Item<Values> name="gpus" label={f('gpus')} rules={needed}>
          <InputNumber min={0} max={64} step={1} />
        </Form.Item>
        {(gpus ?? 0) > 0 ? (
          <Form.Item<Values> name="gpu_model" label={t('gpuModel')}>
            <Select
              allowClear
              placeholder={f('anyModel')}
              options={models.map((model) => ({ value: model, label: model }))}
            />
          </Form.Item>
        ) : null}
      </div>
    </>
  )
}
