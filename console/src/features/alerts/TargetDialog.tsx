import { useQuery } from '@tanstack/react-query'
import { Checkbox, Form, Input, Radio, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { currentProject } from '@/api/project'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { memberList } from '@/features/accounts/queries'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { createTarget, updateTarget, type NewTarget, type Target, type TargetKind } from './queries'
import { text } from './text'

interface Values {
  name: string
  kind: TargetKind
  language: 'en' | 'zh'
  url?: string
  addresses?: string[]
  users?: string[]
  members?: boolean
  creator?: boolean
}

interface Props {
  target: Target | 'new' | null
  /** A webhook was made: its secret is to be shown. */
  onMade: (made: NewTarget) => void
  onClose: () => void
}

const KINDS = ['inbox', 'email', 'webhook'] as const

export function TargetDialog({ target, onMade, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const [language] = usePreference('language')
  const old = typeof target === 'string' ? null : target
  const save = useApiMutation(
    async ({ url, ...values }: Values) => {
      const none = { addresses: [], users: [], members: false, creator: false }
      const body = { ...none, ...values, ...(url ? { url } : {}) }
      if (old !== null) return { saved: await updateTarget(old.id, body), made: null }
      const made = await createTarget(body)
      return { saved: made, made }
    },
    ['alert_target'],
  )
  const submit = async (values: Values) => {
    const { made } = await save.mutateAsync(values)
    notify.success(t('target.saved'))
    if (made?.secret) onMade(made)
  }
  return (
    <FormDialog<Values>
      open={target !== null}
      title={old === null ? t('target.new') : t('target.edit')}
      submitLabel={old === null ? t('create') : t('save')}
      initialValues={old === null ? { kind: 'inbox', language } : valuesOf(old)}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => <Fields old={old} />}
    </FormDialog>
  )
}

function valuesOf({ name, kind, language, addresses, users, members, creator }: Target): Values {
  return { name, kind, language, addresses, users, members, creator }
}

function Fields({ old }: { old: Target | null }) {
  const t = useText(text)
  const kind = Form.useWatch<TargetKind | undefined>('kind')
  return (
    <>
      <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('needed') }]}>
        <Input autoFocus maxLength={120} />
      </Form.Item>
      <Form.Item name="kind" label={t('target.kind')}>
        <Radio.Group className="sw-choices" disabled={old !== null}>
          {KINDS.map((one) => (
            <Radio key={one} value={one}>
              {t(`kind.${one}`)} <small className="sw-faint">{t(`kind.${one}.hint`)}</small>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      {kind === 'webhook' ? <WebhookFields old={old} /> : null}
      {kind === 'email' ? <MailFields /> : null}
      {kind === 'inbox' ? <InboxFields /> : null}
      <Form.Item name="language" label={t('target.language')}>
        <Radio.Group
          options={[
            { value: 'en', label: 'English' },
            { value: 'zh', label: '中文' },
          ]}
        />
      </Form.Item>
    </>
  )
}

function WebhookFields({ old }: { old: Target | null }) {
  const t = useText(text)
  return (
    <Form.Item
      name="url"
      label={t('target.url')}
      extra={old === null ? undefined : t('target.url.keep')}
      rules={[{ required: old === null, message: t('needed') }]}
    >
      <Input
        type="url"
        autoComplete="off"
        placeholder={old === null ? 'https://hooks.example.com/…' : old.shown}
      />
    </Form.Item>
  )
}

function MailFields() {
  const t = useText(text)
  return (
    <Form.Item
      name="addresses"
      label={t('target.addresses')}
      extra={t('target.addresses.hint')}
      rules={[{ required: true, message: t('needed') }]}
    >
      <Select
        mode="tags"
        open={false}
        suffix={null}
        tokenSeparators={[',', ';', ' ']}
        placeholder="ann@example.com"
      />
    </Form.Item>
  )
}

function InboxFields() {
  const t = useText(text)
  const project = currentProject()
  const { data } = useQuery({ ...memberList(project ?? ''), enabled: project !== null })
  const options = (data?.items ?? []).map((member) => ({
    value: member.user_id,
    label: member.user_name,
  }))
  return (
    <>
      <Form.Item name="users" label={t('target.users')}>
        <Select mode="multiple" showSearch={{ optionFilterProp: 'label' }} options={options} />
      </Form.Item>
      <Form.Item name="members" valuePropName="checked" className="alerts-tight">
        <Checkbox>{t('target.members')}</Checkbox>
      </Form.Item>
      <Form.Item name="creator" valuePropName="checked">
        <Checkbox>{t('target.creator')}</Checkbox>
      </Form.Item>
    </>
  )
}
