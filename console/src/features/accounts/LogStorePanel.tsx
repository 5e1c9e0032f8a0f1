import { useQuery } from '@tanstack/react-query'
import { Form, Input, Select, Skeleton } from 'antd'
import { useState } from 'react'
import { currentProject } from '@/api/project'
import { useApiMutation } from '@/api/queries'
import { Problem } from '@/base/problem'
import { useText } from '@/base/text'
import { Actions } from '@/ui/actions'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import {
  logStore,
  LOG_STORE_KINDS,
  removeLogStore,
  setLogStore,
  testLogStore,
  type LogStore,
  type LogStoreKind,
} from './logStoreQueries'
import { logStoreText } from './logStoreText'

interface Values {
  kind: LogStoreKind
  address: string
  /** Only asked where the kind needs them. */
  index?: string
  username?: string
  secret?: string
}

/** Where the logs of this project's tasks are sent for long keeping. */
export function LogStorePanel({ projectId, mayChange }: { projectId: string; mayChange: boolean }) {
  const t = useText(logStoreText)
  const here = projectId === currentProject()
  const { data, error, refetch } = useQuery({ ...logStore(), enabled: here })
  const [editing, setEditing] = useState(false)
  const actions = useStoreActions(data?.store ?? null, mayChange, () => setEditing(true))
  if (!here) return null
  return (
    <Panel title={t('title')} actions={<Actions actions={actions} inline={2} />}>
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton active paragraph={{ rows: 2 }} />
      ) : data.store === null ? (
        <p className="sw-faint">{t('none')}</p>
      ) : (
        <StoreFacts store={data.store} />
      )}
      <StoreDialog store={data?.store ?? null} open={editing} onClose={() => setEditing(false)} />
    </Panel>
  )
}

function StoreFacts({ store }: { store: LogStore }) {
  const t = useText(logStoreText)
  return (
    <Facts
      items={[
        { key: 'kind', label: t('kind'), value: t(`kind.${store.kind}`) },
        { key: 'address', label: t('address'), value: <code>{store.address}</code> },
        ...(store.index === '' ? [] : [{ key: 'index', label: t('index'), value: store.index }]),
        ...(store.username === ''
          ? []
          : [{ key: 'username', label: t('username'), value: store.username }]),
        {
          key: 'secret',
          label: t('secret'),
          value: store.has_secret ? t('secret.set') : t('secret.none'),
        },
      ]}
    />
  )
}

function useStoreActions(store: LogStore | null, mayChange: boolean, onEdit: () => void) {
  const t = useText(logStoreText)
  const notify = useNotify()
  const remove = useApiMutation(removeLogStore, ['log_store'])
  const test = useApiMutation(testLogStore, [])
  const mayNot = mayChange ? null : t('mayNot')
  const edit = {
    key: 'edit',
    label: store === null ? t('set') : t('edit'),
    blocked: mayNot,
    run: onEdit,
  }
  if (store === null) return [edit]
  return [
    {
      key: 'test',
      label: t('test'),
      blocked: mayNot,
      run: async () => {
        const { error } = await test.mutateAsync()
        if (error !== null) throw new Problem(409, 'refused', error)
        notify.success(t('test.done'))
      },
    },
    edit,
    {
      key: 'remove',
      label: t('remove'),
      danger: true,
      blocked: mayNot,
      confirm: {
        title: t('remove.title'),
        message: t('remove.message'),
        action: t('remove'),
        danger: true,
      },
      run: () => remove.mutateAsync(),
    },
  ]
}

interface DialogProps {
  store: LogStore | null
  open: boolean
  onClose: () => void
}

function StoreDialog({ store, open, onClose }: DialogProps) {
  const t = useText(logStoreText)
  const notify = useNotify()
  const save = useApiMutation(setLogStore, ['log_store'])
  const submit = async ({ kind, address, index = '', username = '', secret = '' }: Values) => {
    await save.mutateAsync({
      kind,
      address,
      index,
      username,
      labels: store?.labels ?? {},
      secret: secret === '' ? null : secret,
    })
    notify.success(t('saved'))
  }
  return (
    <FormDialog<Values>
      open={open}
      title={t('title')}
      submitLabel={t('save')}
      initialValues={{
        kind: store?.kind ?? 'loki',
        address: store?.address ?? '',
        index: store?.index ?? '',
        username: store?.username ?? '',
        secret: '',
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => <StoreFields hasSecret={store?.has_secret ?? false} />}
    </FormDialog>
  )
}

function StoreFields({ hasSecret }: { hasSecret: boolean }) {
  const t = useText(logStoreText)
  const kind = Form.useWatch<LogStoreKind | undefined>('kind') ?? 'loki'
  return (
    <>
      <Form.Item<Values> name="kind" label={t('kind')}>
        <Select options={LOG_STORE_KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} />
      </Form.Item>
      <Form.Item<Values>
        name="address"
        label={t('address')}
        extra={t(`address.${kind}`)}
        rules={[{ required: true, message: t('needed') }]}
      >
        <Input />
      </Form.Item>
      {kind === 'elasticsearch' ? (
        <Form.Item<Values>
          name="index"
          label={t('index')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <Input />
        </Form.Item>
      ) : null}
      {kind === 'file' ? null : (
        <>
          <Form.Item<Values> name="username" label={t('username')} extra={t('usernameHint')}>
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item<Values>
            name="secret"
            label={t('secret')}
            extra={hasSecret ? t('secretKept') : undefined}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
        </>
      )}
    </>
  )
}
