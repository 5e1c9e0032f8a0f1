import { Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { fromRules, toRules, type RuleValues } from '@/features/groups/rules'
import { RulesFields } from '@/features/groups/RulesFields'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { createKey, editKey, type NewKey, type ServiceDetail, type ServiceKey } from './queries'
import { text } from './text'

interface Values extends RuleValues {
  name: string
  remark: string
}

interface Props {
  service: ServiceDetail
  of: ServiceKey | 'new' | null
  /** Why token limits cannot be set, or null. */
  noTokens: string | null
  onClose: () => void
  onMade: (key: NewKey) => void
}

/** A new key, or name, remark and limits of one. */
export function KeyDialog({ service, of, noTokens, onClose, onMade }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const old = of === 'new' || of === null ? null : of
  const create = useApiMutation(
    (body: Parameters<typeof createKey>[1]) => createKey(service.id, body),
    ['service'],
  )
  const edit = useApiMutation(
    (body: { key: ServiceKey; change: Parameters<typeof editKey>[1] }) =>
      editKey(body.key, body.change),
    ['service'],
  )
  const submit = async ({ name, remark, ...rules }: Values) => {
    const change = { name, remark, limits: toRules(rules) }
    if (old === null) {
      onMade(await create.mutateAsync(change))
      return
    }
    await edit.mutateAsync({ key: old, change })
    notify.success(t('edit.done'))
  }
  return (
    <FormDialog<Values>
      key={old?.id ?? (of === null ? 'none' : 'new')}
      open={of !== null}
      title={old === null ? t('keys.new') : t('edit.title', { name: old.name })}
      submitLabel={t(old === null ? 'create' : 'save')}
      initialValues={{
        name: old?.name ?? '',
        remark: old?.remark ?? '',
        ...fromRules(old?.limits),
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('key.name')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={60} />
          </Form.Item>
          <Form.Item name="remark" label={t('key.remark')}>
            <Input autoComplete="off" maxLength={500} />
          </Form.Item>
          <RulesFields noTokens={noTokens} />
        </>
      )}
    </FormDialog>
  )
}
