import { Form, Input, Select, type FormInstance } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { NAME } from '@/features/datasets/name'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { changeRepository, createRepository, type Repository } from './queries'
import { text } from './text'

type CredentialChoice = 'keep' | 'none' | 'password' | 'ssh_key'

interface Values {
  name: string
  url: string
  ref: string
  credential: CredentialChoice
  user: string
  password: string
  ssh_key: string
  description: string
  tags: KeyValue[]
}

interface Props {
  of: Repository | 'new' | null
  onClose: () => void
}

export function RepositoryDialog({ of, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const known = of === 'new' ? null : of
  const save = useApiMutation(
    (values: Values) =>
      known === null
        ? createRepository({
            ...common(values),
            name: values.name,
            credentials: credentials(values) ?? { user: '', password: '', ssh_key: '' },
          })
        : changeRepository(known.id, { ...common(values), credentials: credentials(values) }),
    ['repository'],
  )
  const submit = async (values: Values) => {
    const { name } = await save.mutateAsync(values)
    notify.success(known === null ? t('registered', { name }) : t('saved'))
  }
  return (
    <FormDialog<Values>
      key={known?.id ?? 'new'}
      open={of !== null}
      title={known === null ? t('new') : `${t('edit')}: ${known.name}`}
      submitLabel={t(known === null ? 'register' : 'save')}
      initialValues={{
        name: known?.name ?? '',
        url: known?.url ?? '',
        ref: known?.ref ?? '',
        credential: known === null ? 'none' : 'keep',
        user: known?.user ?? '',
        password: '',
        ssh_key: '',
        description: known?.description ?? '',
        tags: fromRecord(known?.tags ?? {}),
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {(form) => <Fields form={form} isNew={known === null} />}
    </FormDialog>
  )
}

function Fields({ form, isNew }: { form: FormInstance<Values>; isNew: boolean }) {
  const t = useText(text)
  const needed = { required: true, message: t('needed') }
  return (
    <>
      {isNew ? (
        <Form.Item
          name="name"
          label={t('name')}
          rules={[needed, { pattern: NAME, message: t('nameWrong') }]}
        >
          <Input autoComplete="off" autoFocus maxLength={60} />
        </Form.Item>
      ) : null}
      <Form.Item name="url" label={t('url')} extra={t('url.hint')} rules={[needed]}>
        <Input className="sw-mono" placeholder="https://example.com/team/code.git" />
      </Form.Item>
      <Form.Item name="ref" label={t('ref')} extra={t('ref.hint')}>
        <Input className="sw-mono" placeholder="main" />
      </Form.Item>
      <Form.Item name="credential" label={t('credential')} extra={t('credential.hint')}>
        <Select<CredentialChoice>
          options={(isNew ? CHOICES : (['keep', ...CHOICES] as const)).map((value) => ({
            value,
            label: t(`credential.${value}`),
          }))}
        />
      </Form.Item>
      <CredentialFields form={form} />
      <Form.Item name="description" label={t('description')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <Form.Item name="tags" label={t('tags')}>
        <KeyValueEditor max={50} />
      </Form.Item>
    </>
  )
}

const CHOICES = ['none', 'password', 'ssh_key'] as const

function CredentialFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const kind = Form.useWatch('credential', form)
  const needed = { required: true, message: t('needed') }
  if (kind === 'password') {
    return (
      <>
        <Form.Item name="user" label={t('user')} extra={t('user.hint')}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="password" label={t('password')} rules={[needed]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </>
    )
  }
  if (kind !== 'ssh_key') return null
  return (
    <Form.Item name="ssh_key" label={t('sshKey')} rules={[needed]}>
      <Input.TextArea
        className="sw-mono"
        rows={5}
        spellCheck={false}
        placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
      />
    </Form.Item>
  )
}

function common({ url, ref, description, tags }: Values) {
  return { url: url.trim(), ref: ref.trim(), description, tags: toRecord(tags) }
}

/** Null leaves them as they are. */
function credentials(values: Values) {
  const nothing = { user: '', password: '', ssh_key: '' }
  switch (values.credential) {
    case 'keep':
      return null
    case 'none':
      return nothing
    case 'password':
      return { ...nothing, user: values.user, password: values.password }
    case 'ssh_key':
      return { ...nothing, ssh_key: values.ssh_key }
  }
}
