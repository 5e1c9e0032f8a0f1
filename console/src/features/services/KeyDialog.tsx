import { Form, Input, InputNumber } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { Sentence } from '@/ui/Sentence'
import { createKey, editKey, type NewKey, type ServiceDetail, type ServiceKey } from './queries'
import { text } from './text'

interface Values {
  name: string
  remark: string
  rpm: number | null
  tpm: number | null
  tpd: number | null
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
  const submit = async ({ name, remark, rpm, tpm, tpd }: Values) => {
    const change = { name, remark, limits: { rpm, tpm: tpm ?? null, tpd: tpd ?? null } }
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
      initialValues={{ name: old?.name ?? '', remark: old?.remark ?? '', ...old?.limits }}
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
          {(['rpm', 'tpm', 'tpd'] as const).map((name) => {
            const why = name === 'rpm' ? null : noTokens
            return (
              <Form.Item
                key={name}
                name={name}
                label={t(`key.${name}`)}
                extra={why === null ? t('key.limitHint') : <Sentence of={why} />}
              >
                <InputNumber<number>
                  min={1}
                  precision={0}
                  disabled={why !== null}
                  style={{ width: '100%' }}
                />
              </Form.Item>
            )
          })}
        </>
      )}
    </FormDialog>
  )
}
