import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useEffect } from 'react'
import { useText } from '@/base/text'
import { flavourList } from '../../resources/queries'
import { text as resourceText } from '../../resources/text'
import type { Values } from './values'

/** Own amounts, or a flavour of the group, which brings them (TRN-06). */
export function FlavourField({ groupId }: { groupId: string }) {
  const r = useText(resourceText)
  const form = Form.useFormInstance<Values>()
  const { data } = useQuery(flavourList(groupId))
  const chosen = Form.useWatch('flavour', form)
  const flavours = data?.items ?? []
  // Another group, or a copy of an old task: what is not offered cannot be asked for.
  const gone = chosen && data !== undefined && !flavours.some(({ name }) => name === chosen)
  useEffect(() => {
    if (gone) form.setFieldValue('flavour', '')
  }, [form, gone])
  if (flavours.length === 0 && !chosen) return null
  const take = (name: string) => {
    const found = flavours.find((flavour) => flavour.name === name)
    if (found === undefined) return
    const { cpu_cores, memory_bytes, gpus, gpu_model } = found
    form.setFieldsValue({ cpu_cores, memory_bytes, gpus, gpu_model })
  }
  return (
    <Form.Item<Values> name="flavour" label={r('flavour.choose')}>
      <Select<string>
        className="training-narrow"
        onChange={take}
        options={[
          { value: '', label: r('flavour.own') },
          ...flavours.map(({ name, free_instances }) => ({
            value: name,
            label: `${name} · ${r('flavour.free', { count: free_instances })}`,
          })),
        ]}
      />
    </Form.Item>
  )
}
