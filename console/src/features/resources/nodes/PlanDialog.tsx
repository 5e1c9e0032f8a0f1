import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { nodeCalls, TOUCHED, type Node } from '../queries'
import { text } from '../text'

interface Values {
  /** As the browser's own field gives it: local time without a zone; empty: never. */
  end: string
}

export function PlanDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const t = useText(text)
  const plan = useApiMutation(nodeCalls.planEnd, TOUCHED)
  const submit = ({ end }: Values) =>
    plan.mutateAsync({ id: node.id, planned_end: end === '' ? null : new Date(end).toISOString() })
  return (
    <FormDialog<Values>
      open
      title={`${t('plan')}: ${node.name}`}
      submitLabel={t('save')}
      initialValues={{ end: localTime(node.planned_end) }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p>{t('plan.words')}</p>
          <Form.Item<Values> name="end" label={t('plannedEnd')} extra={t('plan.never')}>
            <Input type="datetime-local" />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}

function localTime(moment: string | null): string {
  if (moment === null) return ''
  const time = new Date(moment)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
