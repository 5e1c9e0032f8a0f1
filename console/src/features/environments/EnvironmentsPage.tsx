import { AppstoreAddOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { Page } from '@/ui/Page'
import { Bytes } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { useEnvironmentActions } from './actions'
import { BuiltInTable } from './BuiltInTable'
import { EditDialog } from './EditDialog'
import { environmentList, type Environment } from './queries'
import { text } from './text'

export function EnvironmentsPage() {
  const t = useText(text)
  const list = useListState({ filters: ['tag', 'mine'] })
  const query = useQuery(environmentList(list.params))
  const [editing, setEditing] = useState<Environment | null>(null)
  return (
    <Page title={t('title')} description={t('lead')} actions={<NewButton />}>
      <div className="sw-stack">
        <List
          list={list}
          query={query}
          label={t('title')}
          searchHint={t('search')}
          rowKey={(one) => one.id}
          rowName={(one) => `${one.name} v${one.version}`}
          columns={useColumns()}
          actions={useEnvironmentActions(setEditing)}
          filters={[
            { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
            { kind: 'switch', key: 'mine', label: t('mine') },
          ]}
          empty={
            <EmptyState
              icon={<AppstoreAddOutlined aria-hidden />}
              title={t('empty')}
              hint={t('emptyHint')}
              action={<NewButton />}
            />
          }
        />
        <BuiltInTable />
      </div>
      <EditDialog environment={editing} onClose={() => setEditing(null)} />
    </Page>
  )
}

function NewButton() {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <ActionButton
      action={{
        key: 'new',
        label: t('new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: useMay()('asset:environment:create') ? null : t('mayNotWrite'),
        run: () => void navigate('/environments/new'),
      }}
    />
  )
}

function useColumns(): Column<Environment>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: ({ id, name, version }) => (
        <span className="sw-name">
          <Link to={`/environments/${id}`}>{`${name} v${version}`}</Link>
          <small className="sw-mono">{id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason || null} />,
    },
    { key: 'framework', title: t('framework'), render: ({ framework }) => framework },
    {
      key: 'kind',
      title: t('kind'),
      render: ({ kind, python, image }) =>
        kind === 'image' ? <code>{image}</code> : `Python ${python}`,
    },
    {
      key: 'purposes',
      title: t('purposes'),
      render: ({ purposes }) => <Purposes purposes={purposes} />,
    },
    {
      key: 'size',
      title: t('size'),
      align: 'right',
      render: ({ size_bytes: size }) => (size > 0 ? <Bytes value={size} /> : '–'),
    },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={2} /> },
    { key: 'creator', title: t('creator'), render: ({ creator }) => creator },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (one) => <TimeText value={one.created_at} />,
    },
  ]
}

export function Purposes({ purposes }: { purposes: readonly string[] }) {
  const t = useText(text)
  return purposes
    .map((purpose) => t(purpose === 'serving' ? 'purpose.serving' : 'purpose.training'))
    .join(', ')
}
