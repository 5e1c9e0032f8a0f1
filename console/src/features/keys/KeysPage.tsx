import { KeyOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { IdText } from '@/ui/IdText'
import { ListPage } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { useNow } from '@/ui/now'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { KeyDialog } from './KeyDialog'
import { NewKeyDialog } from './NewKeyDialog'
import { deleteKey, keyList, switchKey, type Key, type NewKey } from './queries'
import { text } from './text'

export function KeysPage() {
  const t = useText(text)
  const list = useListState()
  const query = useQuery(keyList)
  const [creating, setCreating] = useState(false)
  const [made, setMade] = useState<NewKey | null>(null)
  const words = (key: Key) => `${key.name} ${key.id}`
  const create = (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setCreating(true)}>
      {t('new')}
    </Button>
  )
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={create}
        list={list}
        query={{ ...query, data: query.data && localPage(query.data.items, list.params, words) }}
        searchHint={t('search')}
        rowKey={(key) => key.id}
        rowName={(key) => key.name || key.id}
        columns={useKeyColumns()}
        actions={useKeyActions()}
        empty={
          <EmptyState
            icon={<KeyOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={create}
          />
        }
      />
      <KeyDialog open={creating} onClose={() => setCreating(false)} onMade={setMade} />
      <NewKeyDialog made={made} onClose={() => setMade(null)} />
    </>
  )
}

function useKeyColumns(): Column<Key>[] {
  const t = useText(text)
  const now = useNow()
  const expired = (key: Key) => key.expires_at !== null && new Date(key.expires_at) < now
  return [
    {
      key: 'name',
      title: t('name'),
      render: (key) => <span className="sw-strong">{key.name || key.id}</span>,
    },
    { key: 'id', title: 'ID', render: (key) => <IdText value={key.id} /> },
    { key: 'kind', title: t('kind'), render: (key) => t(key.kind) },
    {
      key: 'state',
      title: t('state'),
      render: (key) => (
        <StatusTag state={expired(key) ? 'expired' : key.enabled ? 'active' : 'disabled'} />
      ),
    },
    {
      key: 'used',
      title: t('lastUsed'),
      render: (key) =>
        key.last_used_at === null ? (
          <span className="sw-faint">{t('never')}</span>
        ) : (
          <TimeText value={key.last_used_at} />
        ),
    },
    {
      key: 'expires',
      title: t('expires'),
      render: (key) =>
        key.expires_at === null ? (
          <span className="sw-faint">{t('lasts.forever')}</span>
        ) : (
          <TimeText value={key.expires_at} absolute />
        ),
    },
    { key: 'created', title: t('created'), render: (key) => <TimeText value={key.created_at} /> },
  ]
}

function useKeyActions(): (key: Key) => Action[] {
  const t = useText(text)
  const notify = useNotify()
  const remove = useApiMutation(deleteKey, ['key'])
  const change = useApiMutation((key: Key) => switchKey(key.id, !key.enabled), ['key'])
  return (key) => [
    {
      key: 'switch',
      label: t(key.enabled ? 'disable' : 'enable'),
      confirm: key.enabled
        ? {
            title: t('disable.title', { name: key.name || key.id }),
            message: t('disable.message'),
            action: t('disable'),
          }
        : undefined,
      run: async () => {
        await change.mutateAsync(key)
        notify.success(t(key.enabled ? 'disabled' : 'enabled'))
      },
    },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      confirm: {
        title: t('delete.title', { name: key.name || key.id }),
        message: t('delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(key.id)
        notify.success(t('deleted'))
      },
    },
  ]
}
