import { useQuery } from '@tanstack/react-query'
import { Form, Select } from 'antd'
import { useText } from '@/base/text'
import { groupList } from './queries'
import { text } from './text'

/** In which resource group it runs. The form's field `resource_group`. */
export function GroupField({ className }: { className?: string }) {
  const t = useText(text)
  const { data, isPending } = useQuery(groupList())
  return (
    <Form.Item
      name="resource_group"
      label={t('group')}
      rules={[{ required: true, message: t('needed') }]}
    >
      <Select
        className={className}
        loading={isPending}
        options={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
    </Form.Item>
  )
}
