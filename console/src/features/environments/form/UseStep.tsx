import { useQuery } from '@tanstack/react-query'
import { Checkbox, Form, Input, Select, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { environmentOptions } from '../queries'
import { text } from './text'
import { FIRST, type Values } from './values'

export function UseStep({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const { data } = useQuery(environmentOptions())
  const chosen = Form.useWatch('framework', { form, preserve: true }) as string | undefined
  const frameworks = data?.frameworks ?? []
  const modes = frameworks.find(({ name }) => name === (chosen ?? FIRST.framework))?.modes ?? []
  return (
    <>
      <Form.Item name="framework" label={t('framework')} required>
        <Select
          options={frameworks.map(({ name }) => ({ value: name, label: name }))}
          onChange={() => form.setFieldValue('modes', [])}
        />
      </Form.Item>
      <Form.Item name="modes" label={t('modes')} extra={t('modes.hint')}>
        <Select mode="multiple" options={modes.map((mode) => ({ value: mode, label: mode }))} />
      </Form.Item>
      <Form.Item
        name="purposes"
        label={t('purposes')}
        rules={[{ required: true, message: t('needed') }]}
      >
        <Checkbox.Group
          options={[
            { value: 'training', label: t('purpose.training') },
            { value: 'serving', label: t('purpose.serving') },
          ]}
        />
      </Form.Item>
      <Form.Item name="description" label={t('description')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="tags" label={t('tags')}>
        <KeyValueEditor max={50} />
      </Form.Item>
    </>
  )
}
