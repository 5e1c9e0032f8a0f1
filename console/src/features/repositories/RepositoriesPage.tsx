import { BranchesOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Tooltip } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { Problem } from '@/base/problem'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { deleteRepository, repositoryList, testRepository, type Repository } from './queries'
import { RepositoryDialog } from './RepositoryDialog'
import { text } from './text'

export function RepositoriesPage() {
  const t = useText(text)
  const list = useListState()
  const query = useQuery(repositoryList(list.params))
  const [editing, setEditing] = useState<Repository | 'new' | null>(null)
  const create = (
    <ActionButton
      action={{
        key: 'new',
        label: t('new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: useMay()('asset:repository:create') ? null : t('mayNotWrite'),
        run: () => setEditing('new'),
      }}
    />
  )
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={create}
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(one) => one.id}
        rowName={(one) => one.name}
        columns={useColumns()}
        actions={useRepositoryActions(setEditing)}
        empty={
          <EmptyState
            icon={<BranchesOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={create}
          />
        }
      />
      <RepositoryDialog of={editing} onClose={() => setEditing(null)} />
    </>
  )
}

function useColumns(): Column<Repository>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: ({ id, name }) => (
        <span className="sw-name">
          <strong>{name}</strong>
          <small className="sw-mono">{id}</small>
        </span>
      ),
    },
    { key: 'url', title: t('url'), render: ({ url }) => <code>{url}</code> },
    {
      key: 'ref',
      title: t('ref'),
      render: ({ ref }) =>
        ref === '' ? <span className="sw-faint">{t('ref.default')}</span> : <code>{ref}</code>,
    },
    {
      key: 'credential',
      title: t('credential'),
      render: ({ credential, user }) =>
        `${t(`credential.${credentialOf(credential)}`)}${user === '' ? '' : ` (${user})`}`,
    },
    { key: 'probe', title: t('connection'), render: (one) => <Connection of={one} /> },
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

function credentialOf(kind: string): 'none' | 'password' | 'ssh_key' {
  return kind === 'password' || kind === 'ssh_key' ? kind : 'none'
}

function Connection({ of: { probe } }: { of: Repository }) {
  const t = useText(text)
  const say = useSentence()
  if (probe === null) return <span className="sw-faint">{t('connection.never')}</span>
  return (
    <Tooltip title={probe.ok ? probe.commit : say(probe.reason)}>
      <span className="sw-name">
        <span className={probe.ok ? '' : 'sw-field-error'}>
          {probe.ok ? <code>{probe.commit.slice(0, 10)}</code> : t('connection.bad')}
        </span>
        <small>
          <TimeText value={probe.time} />
        </small>
      </span>
    </Tooltip>
  )
}

function useRepositoryActions(
  onEdit: (repository: Repository) => void,
): (repository: Repository) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const test = useApiMutation(testRepository, ['repository'])
  const remove = useApiMutation(deleteRepository, ['repository'])
  const mayEdit = may('asset:repository:update') ? null : t('mayNotWrite')
  return (repository) => [
    {
      key: 'test',
      label: t('test'),
      blocked: mayEdit,
      run: async () => {
        const { probe } = await test.mutateAsync(repository.id)
        if (probe?.ok) notify.success(t('test.ok', { commit: probe.commit.slice(0, 10) }))
        else throw new Problem(409, 'refused', probe?.reason ?? '')
      },
    },
    { key: 'edit', label: t('edit'), blocked: mayEdit, run: () => onEdit(repository) },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('asset:repository:delete') ? null : t('mayNotWrite'),
      confirm: {
        title: t('delete.title', { name: repository.name }),
        message: t('delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(repository.id)
        notify.success(t('deleted', { name: repository.name }))
      },
    },
  ]
}
