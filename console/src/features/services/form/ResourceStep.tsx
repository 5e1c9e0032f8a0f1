import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber, Select, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { FreeCards } from '@/features/resources/FreeCards'
import { groupList } from '@/features/resources/queries'
import { text } from './text'
import { GIB, type Values } from './values'

/** How much one instance gets, and how many there are. */
export function ResourceStep(props: { form: FormInstance<Values>; ofService: boolean }) {
  const { form, ofService } = props
  const t = useText(text)
  const { data } = useQuery(groupList())
  const gpus = Form.useWatch('gpus', { form, preserve: true }) as number | undefined
  const group = Form.useWatch('resource_group', { form, preserve: true }) as string | undefined
  const needed = [{ required: true, message: t('needed') }]
  return (
    <>
      {ofService ? (
        <Form.Item name="resource_group" label={t('group')} rules={needed}>
          <Select
            options={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
      ) : null}
      {group ? <FreeCards groupId={group} /> : null}
      <div className="services-pair">
        <Form.Item name="cpu_cores" label={t('cpu')} rules={needed}>
          <InputNumber<number> min={0.1} max={1024} step={0.5} />
        </Form.Item>
        <Form.Item name="memory_bytes" label={t('memory')} rules={needed}>
          <GibInput />
        </Form.Item>
        <Form.Item name="gpus" label={t('gpus')} rules={needed}>
          <InputNumber<number> min={0} max={64} precision={0} />
        </Form.Item>
        {gpus !== undefined && gpus > 0 ? (
          <Form.Item name="gpu_model" label={t('gpuModel')}>
            <GpuSelect />
          </Form.Item>
        ) : null}
      </div>
      <Form.Item name="replicas" label={t('replicas')} extra={t('replicas.hint')} rules={needed}>
        <InputNumber<number> min={1} max={1000} precision={0} />
      </Form.Item>
    </>
  )
}

interface FieldProps<Value> {
  id?: string
  value?: Value
  onChange?: (value: Value) => void
}

/** Bytes in the form, GiB on the screen. */
export function GibInput({ id, value, onChange }: FieldProps<number | null>) {
  return (
    <InputNumber<number>
      id={id}
      min={0.0625}
      step={0.5}
      suffix="GiB"
      value={value == null ? null : value / GIB}
      onChange={(gib) => onChange?.(gib === null ? null : Math.round(gib * GIB))}
    />
  )
}

function GpuSelect({ id, value, onChange }: FieldProps<string | null>) {
  const t = useText(text)
  const { data } = useQuery(groupList())
  const models = new Set(
    (data?.items ?? []).flatMap(({ cards }) => cards.map(({ model }) => model)),
  )
  return (
    <Select
      id={id}
      value={value ?? ''}
      onChange={(model: string) => onChange?.(model === '' ? null : model)}
      options={[
        { value: '', label: t('gpuModel.any') },
        ...[...models].map((model) => ({ value: model, label: model })),
      ]}
    />
  )
}
