import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber, Select } from 'antd'
import { useEffect } from 'react'
import { useText } from '@/base/text'
import { isCardCount } from './amounts'
import { GibInput } from './GibInput'
import { groupList } from './queries'
import { text } from './text'

/** The fields of a form that `AmountFields` draws; names are the API's. */
export interface Amounts {
  cpu_cores: number
  memory_bytes: number
  gpus: number
  gpu_model: string | null
}

interface Props {
  groupId: string | undefined
  /** The amounts are of each of several instances. */
  each?: boolean
  /** What an instance gets when one comes back from a group that gives by the cards. */
  usual: Pick<Amounts, 'cpu_cores' | 'memory_bytes'>
}

/**
 * What one instance asks for: cores, memory, cards or a share of one. A group that gives by the
 * cards takes both first away (RES-36).
 */
export function AmountFields({ groupId, each = false, usual }: Props) {
  const t = useText(text)
  const form = Form.useFormInstance<Amounts>()
  const { data } = useQuery(groupList())
  const group = data?.items.find(({ id }) => id === groupId)
  const gpus = Form.useWatch('gpus', { form, preserve: true }) as number | null | undefined
  const byCards = group?.preset_by_gpu ?? false
  const { cpu_cores, memory_bytes } = usual
  // The group may be known only after the form: its list comes later, and a copy brings its own.
  useEffect(() => {
    if (group === undefined) return
    const asks = Boolean(form.getFieldValue('cpu_cores'))
    if (byCards && asks) form.setFieldsValue({ cpu_cores: 0, memory_bytes: 0 })
    if (!byCards && !asks) form.setFieldsValue({ cpu_cores, memory_bytes })
  }, [form, group, byCards, cpu_cores, memory_bytes])
  const needed = [{ required: true, message: t('needed') }]
  const models = [...new Set((group?.cards ?? []).map(({ model }) => model))]
  return (
    <>
      <Form.Item
        name="cpu_cores"
        label={t(each ? 'ask.cpuEach' : 'cpu')}
        rules={needed}
        hidden={byCards}
      >
        <InputNumber<number> min={byCards ? 0 : 0.1} max={1024} step={1} />
      </Form.Item>
      <Form.Item
        name="memory_bytes"
        label={t(each ? 'ask.memoryEach' : 'memory')}
        rules={needed}
        hidden={byCards}
      >
        <GibInput />
      </Form.Item>
      <Form.Item
        name="gpus"
        label={t(each ? 'ask.gpusEach' : 'gpu')}
        extra={t('ask.gpusHint')}
        rules={[
          ...needed,
          {
            validator: (_: unknown, count: number | null) =>
              count === null || isCardCount(count)
                ? Promise.resolve()
                : Promise.reject(new Error(t('ask.gpusBad'))),
          },
        ]}
      >
        <InputNumber<number> min={0} max={64} step={1} />
      </Form.Item>
      {(gpus ?? 0) > 0 ? (
        <Form.Item name="gpu_model" label={t('ask.model')}>
          <Select
            allowClear
            placeholder={t('ask.anyModel')}
            options={models.map((model) => ({ value: model, label: model }))}
          />
        </Form.Item>
      ) : null}
    </>
  )
}
