import { useQuery } from '@tanstack/react-query'
import { Checkbox, Form, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { groupList, moveNodes, nodeCalls, TOUCHED, type Node } from '../queries'
import { text } from '../text'
import type { NodeDialogsState } from './NodeDialogs'
import { useReport } from './report'

interface Values {
  group: string
  confirm: boolean
}

interface Props {
  what: 'move' | 'rejoin'
  nodes: readonly Node[]
  dialogs: NodeDialogsState
}

/** To which group the nodes go, or come back. A group has one engine, so others are not offered. */
export function GroupDialog({ what, nodes, dialogs }: Props) {
  const t = useText(text)
  const report = useReport(dialogs)
  const { data } = useQuery(groupList())
  const move = useApiMutation(moveNodes, TOUCHED)
  const rejoin = useApiMutation(nodeCalls.rejoin, TOUCHED)
  const engine = nodes[0]?.engine
  const others = (data?.items ?? []).filter(
    (group) => group.engine === engine && (what === 'rejoin' || group.id !== nodes[0]?.group_id),
  )
  const busy = what === 'move' && nodes.some(({ instances }) => instances > 0)
  const submit = async ({ group, confirm }: Values) => {
    if (what === 'rejoin') {
      for (const { id } of nodes) await rejoin.mutateAsync({ id, group })
      return
    }
    const ids = nodes.map(({ id }) => id)
    report((await move.mutateAsync({ nodes: ids, group, confirm: confirm })).items)
  }
  return (
    <FormDialog<Values>
      open
      title={t(what === 'move' ? 'move.title' : 'rejoin.title', { count: nodes.length })}
      submitLabel={t(what)}
      initialValues={{ confirm: false }}
      onSubmit={submit}
      onClose={dialogs.close}
    >
      {() => (
        <>
          <Form.Item<Values>
            name="group"
            label={t('group')}
            extra={
              others.length === 0 ? t('move.none') : t('move.engine', { engine: engine ?? '' })
            }
            rules={[{ required: true, message: t('needed') }]}
          >
            <Select options={others.map(({ id, name }) => ({ value: id, label: name }))} />
          </Form.Item>
          {busy ? (
            <Form.Item<Values> name="confirm" valuePropName="checked" extra={t('busy.words')}>
              <Checkbox>{t('busy.confirm')}</Checkbox>
            </Form.Item>
          ) : null}
        </>
      )}
    </FormDialog>
  )
}
