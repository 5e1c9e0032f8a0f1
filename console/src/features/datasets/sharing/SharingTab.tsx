import { ShareAltOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Form, InputNumber, Select } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { CopyButton } from '@/ui/CopyButton'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { FormDialog } from '@/ui/FormDialog'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { versionList, type Dataset } from '../queries'
import {
  accessList,
  createShare,
  revokeShare,
  shareList,
  type NewShare,
  type Share,
} from './queries'
import { text } from './text'

/** Tokens by which other projects copy the dataset, and who looked at it. */
export function SharingTab({ dataset }: { dataset: Dataset }) {
  const t = useText(text)
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<NewShare | null>(null)
  return (
    <div className="sw-stack">
      {made === null ? null : (
        <Alert
          type="success"
          showIcon
          closable={{ onClose: () => setMade(null) }}
          title={t('token')}
          description={
            <span className="sw-row">
              <code>{made.token}</code>
              <CopyButton value={made.token} label={t('copy')} />
            </span>
          }
        />
      )}
      <Panel
        flush
        title={t('tokens')}
        actions={
          <ActionButton
            action={{
              key: 'share',
              label: t('make'),
              icon: <ShareAltOutlined aria-hidden />,
              primary: true,
              blocked: dataset.blocked.export,
              run: () => setOpen(true),
            }}
          />
        }
      >
        <Shares id={dataset.id} />
      </Panel>
      <Panel flush title={t('log')} actions={<span className="sw-faint">{t('logHint')}</span>}>
        <Log id={dataset.id} />
      </Panel>
      <ShareDialog dataset={dataset} open={open} onMade={setMade} onClose={() => setOpen(false)} />
    </div>
  )
}

function Shares({ id }: { id: string }) {
  const t = useText(text)
  const query = useQuery(shareList(id))
  const revoke = useApiMutation(revokeShare, ['dataset'])
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  return (
    <DataTable<Share>
      label={t('tokens')}
      rows={query.data?.items ?? []}
      rowKey={(share) => share.id}
      rowName={(share) => share.id}
      loading={query.isPending}
      empty={<EmptyState title={t('none')} hint={t('hint')} />}
      columns={[
        { key: 'version', title: t('version'), render: ({ version }) => `v${version}` },
        { key: 'state', title: t('state'), render: (share) => t(stateOf(share)) },
        {
          key: 'expires',
          title: t('expires'),
          render: ({ expires_at: at }) => <TimeText value={at} absolute />,
        },
        {
          key: 'used',
          title: t('used'),
          align: 'right',
          render: ({ uses, max_uses: most }) => (
            <span className="sw-num">{most === null ? uses : `${uses} / ${most}`}</span>
          ),
        },
      ]}
      actions={(share) => [
        {
          key: 'revoke',
          label: t('revoke'),
          danger: true,
          blocked: stateOf(share) === 'valid' ? null : t(stateOf(share)),
          confirm: {
            title: t('revoke.title'),
            message: t('revoke.message'),
            action: t('revoke'),
            danger: true,
          },
          run: () => revoke.mutateAsync({ id, share: share.id }),
        },
      ]}
    />
  )
}

function stateOf({ revoked_at: revoked, expires_at: expires }: Share) {
  if (revoked !== null) return 'revoked'
  return new Date(expires) < new Date() ? 'ended' : 'valid'
}

function Log({ id }: { id: string }) {
  const t = useText(text)
  const query = useQuery(accessList(id))
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  const rows = (query.data?.items ?? []).map((one, at) => ({ ...one, at_: at }))
  return (
    <DataTable
      label={t('log')}
      rows={rows}
      rowKey={({ at_: at }) => String(at)}
      loading={query.isPending}
      empty={<EmptyState title={t('noLog')} />}
      columns={[
        { key: 'who', title: t('who'), render: ({ user_name: name }) => name },
        {
          key: 'what',
          title: t('what'),
          render: ({ action }) => t(`action.${action as 'preview'}`),
        },
        { key: 'version', title: t('version'), render: ({ version }) => `v${version}` },
        { key: 'detail', title: t('detail'), render: ({ detail }) => detail || '–' },
        { key: 'when', title: t('when'), render: ({ at }) => <TimeText value={at} /> },
      ]}
    />
  )
}

interface DialogProps {
  dataset: Dataset
  open: boolean
  onMade: (share: NewShare) => void
  onClose: () => void
}

interface Values {
  version: number
  expires_in_days: number
  max_uses: number | null
}

function ShareDialog({ dataset, open, onMade, onClose }: DialogProps) {
  const t = useText(text)
  const versions = useQuery(versionList(dataset.id)).data?.items ?? []
  const create = useApiMutation(createShare, ['dataset'])
  const submit = async (body: Values) => {
    onMade(await create.mutateAsync({ id: dataset.id, body }))
  }
  return (
    <FormDialog<Values>
      open={open}
      title={`${t('share')}: ${dataset.name}`}
      submitLabel={t('make')}
      initialValues={{ version: dataset.latest_version ?? 1, expires_in_days: 7, max_uses: null }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="datasets-dialog-hint">{t('hint')}</p>
          <Form.Item name="version" label={t('version')}>
            <Select
              options={versions
                .filter(({ state }) => state === 'available')
                .map(({ number, name }) => ({ value: number, label: name }))}
            />
          </Form.Item>
          <Form.Item
            name="expires_in_days"
            label={t('days')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <InputNumber min={1} max={365} precision={0} />
          </Form.Item>
          <Form.Item name="max_uses" label={t('uses')} extra={t('usesHint')}>
            <InputNumber min={1} precision={0} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
