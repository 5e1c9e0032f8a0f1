import { Form, Input, InputNumber } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { addUpstream, editUpstream, type Upstream, type UpstreamForm } from './queries'
import { text } from './text'

interface Props {
  service: string
  of: Upstream | 'new' | null
  onClose: () => void
}

/** A new upstream, or another address, name or weight of one. */
export function UpstreamDialog({ service, of, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const old = of === 'new' || of === null ? null : of
  const add = useApiMutation((body: UpstreamForm) => addUpstream(service, body), ['service'])
  const edit = useApiMutation(
    ({ one, body }: { one: Upstream; body: UpstreamForm }) =>
      editUpstream(one, { ...body, key: body.key === '' ? null : body.key }),
    ['service'],
  )
  const submit = async (body: UpstreamForm) => {
    if (old === null) await add.mutateAsync(body)
    else await edit.mutateAsync({ one: old, body })
    notify.success(t('saved'))
  }
  return (
    <FormDialog<UpstreamForm>
      key={old?.id ?? (of === null ? 'none' : 'new')}
      open={of !== null}
      title={old === null ? t('upstream.new') : t('upstream.editTitle', { name: old.name })}
      submitLabel={t('save')}
      initialValues={{
        name: old?.name ?? '',
        url: old?.url ?? '',
        model: old?.model ?? '',
        key: '',
        weight: old?.weight ?? 100,
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => <UpstreamFields name={t('upstream.name')} kept={Boolean(old?.key_hint)} />}
    </FormDialog>
  )
}

/** name: what the field of the name is called; kept: a key is there already. */
export function UpstreamFields({ name, kept }: { name: string; kept: boolean }) {
  const t = useText(text)
  const required = [{ required: true, message: t('needed') }]
  return (
    <>
      <Form.Item name="name" label={name} rules={required}>
        <Input autoFocus autoComplete="off" maxLength={60} />
      </Form.Item>
      <Form.Item
        name="url"
        label={t('upstream.url')}
        extra={t('upstream.urlHint')}
        rules={required}
      >
        <Input autoComplete="off" maxLength={500} inputMode="url" />
      </Form.Item>
      <Form.Item name="model" label={t('upstream.model')} extra={t('upstream.modelHint')}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Form.Item
        name="key"
        label={t('upstream.key')}
        extra={t(kept ? 'upstream.keyKept' : 'upstream.keyHint')}
      >
        <Input.Password autoComplete="new-password" maxLength={2000} />
      </Form.Item>
      <Form.Item name="weight" label={t('upstream.weight')} extra={t('upstream.weightHint')}>
        <InputNumber<number> min={0} max={100} precision={0} style={{ width: '100%' }} />
      </Form.Item>
    </>
  )
}
