import { Checkbox, Form } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { releaseNodes, TOUCHED, type Node } from '../queries'
import { text } from '../text'
import type { NodeDialogsState } from './NodeDialogs'
import { useReport } from './report'

interface Values {
  confirm: boolean
}

export function ReleaseDialog(props: { nodes: readonly Node[]; dialogs: NodeDialogsState }) {
  const { nodes, dialogs } = props
  const t = useText(text)
  const report = useReport(dialogs)
  const release = useApiMutation(releaseNodes, TOUCHED)
  const busy = nodes.some(({ instances }) => instances > 0)
  const submit = async ({ confirm }: Values) => {
    const ids = nodes.map(({ id }) => id)
    report((await release.mutateAsync({ nodes: ids, confirm })).items)
  }
  return (
    <FormDialog<Values>
      open
      title={t('release.title', { count: nodes.length })}
      submitLabel={t('release')}
      initialValues={{ confirm: false }}
      onSubmit={submit}
      onClose={dialogs.close}
    >
      {() => (
        <>
          <p>{nodes.map(({ name }) => name).join(', ')}</p>
          <p>{t('release.words')}</p>
          {busy ? (
            <Form.Item<Values> name="confirm" valuePropName="checked" extra={t('busy.words')}>
              <Checkbox>{t('busy.confirm')}</Checkbox>
            </Form.Item>
          ) : (
            <Form.Item<Values> name="confirm" hidden>
              <Checkbox />
            </Form.Item>
          )}
        </>
      )}
    </FormDialog>
  )
}
