import { Form, Input, InputNumber } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { nodeCalls, TOUCHED, type Node } from '../queries'
import { text } from '../text'

interface Values {
  minutes: number
  reason: string
}

const MAX_MINUTES = 7 * 24 * 60

export function DrainDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const t = useText(text)
  const drain = useApiMutation(nodeCalls.drain, TOUCHED)
  return (
    <FormDialog<Values>
      open
      title={`${t('drain')}: ${node.name}`}
      submitLabel={t('drain')}
      initialValues={{ minutes: 30, reason: '' }}
      onSubmit={({ minutes, reason }) =>
        drain.mutateAsync({ id: node.id, reason, time_limit_s: minutes * 60 })
      }
      onClose={onClose}
    >
      {() => (
        <>
          <p>{t('drain.words')}</p>
          <Form.Item<Values>
            name="minutes"
            label={t('drain.limit')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <InputNumber min={0} max={MAX_MINUTES} suffix={t('minutes')} />
          </Form.Item>
          <Form.Item<Values> name="reason" label={t('reason')}>
            <Input maxLength={200} placeholder={t('reason.hint')} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
