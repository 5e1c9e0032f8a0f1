import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { nodeCalls, TOUCHED, type Node } from '../queries'
import { text } from '../text'

interface Values {
  zone: string
  rack: string
}

/** Where a node stands; runs of several instances are kept together (RES-X7). */
export function PlaceDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const t = useText(text)
  const save = useApiMutation(nodeCalls.place, TOUCHED)
  return (
    <FormDialog<Values>
      open
      title={`${t('place')}: ${node.name}`}
      submitLabel={t('save')}
      initialValues={{ zone: node.zone, rack: node.rack }}
      onSubmit={({ zone, rack }) => save.mutateAsync({ id: node.id, zone, rack })}
      onClose={onClose}
    >
      {() => (
        <>
          <p>{t('place.words')}</p>
          <Form.Item<Values> name="zone" label={t('zone')}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item<Values> name="rack" label={t('rack')}>
            <Input maxLength={60} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
