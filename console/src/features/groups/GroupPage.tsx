import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { useConfirm } from '@/ui/Confirm'
import { CopyButton } from '@/ui/CopyButton'
import { DataTable, type Column } from '@/ui/DataTable'
import { DetailPage } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { useGroupActions } from './actions'
import { GroupDialogs } from './dialogs'
import { KeyField } from './KeyField'
import { endOldKeys, oneGroup, type Group, type Linked } from './queries'
import { setRules } from './rules'
import { text } from './text'
import { useDialogs } from './useDialogs'
import './groups.css'

export function GroupPage() {
  const t = useText(text)
  const { id = '', tab } = useParams()
  const navigate = useNavigate()
  const { data: group, error, refetch } = useQuery(oneGroup(id))
  const dialogs = useDialogs()
  const actions = useGroupActions({
    onEdit: dialogs.edit,
    onReset: dialogs.reset,
    onBan: dialogs.ban,
    onDeleted: () => void navigate('/service-groups'),
  })
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (group === undefined) return <FactsSkeleton />
  return (
    <>
      <DetailPage
        title={group.name}
        id={group.id}
        state={group.state}
        back={{ to: '/service-groups', label: t('title') }}
        actions={actions(group)}
        path={`/service-groups/${group.id}`}
        tab={tab}
        top={<Top group={group} />}
        tabs={[
          {
            key: 'services',
            label: t('tab.services'),
            render: () => <ServicesTab group={group} />,
          },
          { key: 'key', label: t('tab.key'), render: () => <KeyTab group={group} /> },
          { key: 'call', label: t('tab.call'), render: () => <CallTab group={group} /> },
        ]}
      />
      <GroupDialogs state={dialogs} />
    </>
  )
}

function Top({ group }: { group: Group }) {
  const t = useText(text)
  return (
    <>
      {group.ban === null ? null : (
        <Alert
          type="error"
          showIcon
          className="groups-ban"
          title={t('ban.by', { by: group.ban.by })}
          description={
            <>
              {group.ban.reason} · <TimeText value={group.ban.at} />
            </>
          }
        />
      )}
      <Panel>
        <Facts
          items={[
            { key: 'description', label: t('description'), value: group.description || null },
            { key: 'key', label: t('key'), value: <KeyField group={group} /> },
            {
              key: 'address',
              label: t('address'),
              value: (
                <span className="sw-row">
                  <code>{group.address}</code>
                  <CopyButton value={group.address} />
                </span>
              ),
            },
            {
              key: 'created',
              label: t('created'),
              value: (
                <>
                  {group.creator} · <TimeText value={group.created_at} />
                </>
              ),
            },
          ]}
        />
      </Panel>
    </>
  )
}

function ServicesTab({ group }: { group: Group }) {
  const t = useText(text)
  const columns: Column<Linked>[] = [
    {
      key: 'name',
      title: t('name'),
      render: ({ id, name, preset }) => (
        <span className="sw-name">
          {preset ? name : <Link to={`/services/${id}`}>{name}</Link>}
          <small>{preset ? `${t('preset')} · ${id}` : id}</small>
        </span>
      ),
    },
    { key: 'state', title: t('state'), render: ({ state }) => <StatusTag state={state} /> },
    {
      key: 'models',
      title: t('models'),
      render: ({ models, id }) => <code>{[...models, id].join(', ')}</code>,
    },
    {
      key: 'more',
      title: '',
      render: (one) => {
        const to = modelPage(one)
        return to === null ? null : <Link to={to}>{t('learnMore')}</Link>
      },
    },
  ]
  return (
    <Panel flush>
      <DataTable
        label={t('services')}
        rows={group.services}
        rowKey={({ id }) => id}
        columns={columns}
      />
    </Panel>
  )
}

/** The page of the model behind a service, where the project has one. */
function modelPage({ model_ref, preset, id }: Linked): string | null {
  if (preset) return null
  return model_ref.startsWith('mv-') ? `/models/versions/${model_ref}` : `/services/${id}`
}

function KeyTab({ group }: { group: Group }) {
  const t = useText(text)
  const found = setRules(group.rules)
  return (
    <div className="sw-stack">
      <Panel title={t('limits')}>
        {found.length === 0 ? (
          <span className="sw-faint">{t('rule.none')}</span>
        ) : (
          <Facts
            items={found.map(([name, value]) => ({
              key: name,
              label: t(`rule.${name}`),
              value: name === 'expires_at' ? <TimeText value={value} /> : value,
            }))}
          />
        )}
        <p className="sw-faint groups-hint">{t('window.note')}</p>
      </Panel>
      {group.old_keys.length > 0 ? <OldKeys group={group} /> : null}
    </div>
  )
}

function OldKeys({ group }: { group: Group }) {
  const t = useText(text)
  const confirm = useConfirm()
  const end = useApiMutation(endOldKeys, ['service-group'])
  const ask = async () => {
    const question = {
      title: t('oldKeys.title', { name: group.name }),
      message: t('oldKeys.message'),
      action: t('oldKeys.end'),
      danger: true,
    }
    if (await confirm(question)) end.mutate(group.id)
  }
  return (
    <Panel
      title={t('oldKeys')}
      actions={
        <Button size="small" danger loading={end.isPending} onClick={() => void ask()}>
          {t('oldKeys.end')}
        </Button>
      }
    >
      <ul className="groups-old">
        {group.old_keys.map(({ id, hint, ends_at }) => (
          <li key={id}>
            <code>{hint}</code> {t('oldKeys.until')} <TimeText value={ends_at} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function CallTab({ group }: { group: Group }) {
  const first = group.services[0]
  const model = first?.models[0] ?? first?.id ?? 'MODEL'
  const curl = [
    `curl ${group.address}/chat/completions \\`,
    '  -H "Authorization: Bearer $APP_KEY" -H "Content-Type: application/json" \\',
    `  -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  ].join('\n')
  const python = [
    'import os',
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${group.address}", api_key=os.environ["APP_KEY"])`,
    'answer = client.chat.completions.create(',
    `    model="${model}", messages=[{"role": "user", "content": "Hello"}]`,
    ')',
    'print(answer.choices[0].message.content)',
  ].join('\n')
  return (
    <div className="sw-stack">
      <CodeBlock
        samples={[
          { code: curl, language: 'curl' },
          { code: python, language: 'Python' },
        ]}
      />
    </div>
  )
}
