import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { nodeCalls, TOUCHED, type Node } from '../queries'
import { text } from '../text'

interface Props {
  what: 'cordon' | 'repair'
  node: Node
  onClose: () => void
}

/** Why the node leaves service: everybody sees it. */
export function ReasonDialog({ what, node, onClose }: Props) {
  const t = useText(text)
  const act = useApiMutation(nodeCalls[what], TOUCHED)
  return (
    <FormDialog<{ reason: string }>
      open
      title={`${t(what)}: ${node.name}`}
      submitLabel={t(what)}
      initialValues={{ reason: '' }}
      onSubmit={({ reason }) => act.mutateAsync({ id: node.id, reason })}
      onClose={onClose}
    >
      {() => (
        <>
          <p>{t(`${what}.words`)}</p>
          <Form.Item name="reason" label={t('reason')}>
            <Input maxLength={200} placeholder={t('reason.hint')} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
