import { Form, Select } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'

const MAX_LETTERS = 30

export function LabelsField() {
  const t = useText(text)
  return (
    <Form.Item
      name="labels"
      label={t('labels')}
      extra={t('labelsHint')}
      rules={[
        {
          validator: (_, labels: string[] = []) =>
            labels.some((label) => label.length > MAX_LETTERS)
              ? Promise.reject(new Error(t('labelTooLong')))
              : Promise.resolve(),
        },
      ]}
    >
      <Select mode="tags" open={false} suffix={null} maxCount={20} tokenSeparators={[',', '，']} />
    </Form.Item>
  )
}
