import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMe } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { updateUser, userList, type User } from './queries'
import { text } from './text'
import { UserDialog } from './UserDialog'

export function UsersPage() {
  const t = useText(text)
  const list = useListState()
  const query = useQuery(userList(list.params))
  const [editing, setEditing] = useState<User | 'new' | null>(null)
  const actions = useUserActions(setEditing)
  return (
    <>
      <ListPage
        title={t('users')}
        description={t('users.lead')}
        primary={
          <Button
            type="primary"
            icon={<PlusOutlined aria-hidden />}
            onClick={() => setEditing('new')}
          >
            {t('users.new')}
          </Button>
        }
        list={list}
        query={query}
        searchHint={t('users.search')}
        rowKey={(user) => user.id}
        rowName={(user) => user.name}
        columns={useUserColumns()}
        actions={actions}
        empty={null}
      />
      <UserDialog
        key={typeof editing === 'string' ? editing : editing?.id}
        user={editing}
        onClose={() => setEditing(null)}
      />
    </>
  )
}

function useUserColumns(): Column<User>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('member'),
      sortBy: 'name',
      render: (user) => (
        <span className="sw-name">
          <strong>{user.display_name || user.name}</strong>
          <small>{user.name}</small>
        </span>
      ),
    },
    {
      key: 'kind',
      title: t('kind'),
      render: (user) => (user.is_admin ? t('admin') : <span className="sw-faint">–</span>),
    },
    {
      key: 'state',
      title: t('state'),
      render: (user) => <StatusTag state={user.enabled ? 'enabled' : 'disabled'} />,
    },
    {
      key: 'login',
      title: t('lastLogin'),
      render: (user) => (
        <span className="sw-name">
          <TimeText value={user.last_login_at} />
          {user.last_login_from ? <small>{user.last_login_from}</small> : null}
        </span>
      ),
    },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (user) => <TimeText value={user.created_at} />,
    },
  ]
}

function useUserActions(onEdit: (user: User) => void): (user: User) => Action[] {
  const t = useText(text)
  const me = useMe().user
  const notify = useNotify()
  const update = useApiMutation(
    ({ id, enabled }: { id: string; enabled: boolean }) => updateUser(id, { enabled }),
    ['user'],
  )
  const setEnabled = async (user: User, enabled: boolean) => {
    await update.mutateAsync({ id: user.id, enabled })
    notify.success(t('user.saved'))
  }
  return (user) => [
    { key: 'edit', label: t('edit'), run: () => onEdit(user) },
    user.enabled
      ? {
          key: 'disable',
          label: t('disable'),
          danger: true,
          blocked: user.id === me.id ? t('disable.self') : null,
          confirm: {
            title: t('disable.title', { name: user.name }),
            message: t('disable.message'),
            action: t('disable'),
            danger: true,
          },
          run: () => setEnabled(user, false),
        }
      : { key: 'enable', label: t('enable'), run: () => setEnabled(user, true) },
  ]
}
