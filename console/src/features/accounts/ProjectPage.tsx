import { PlusOutlined, TeamOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import { useParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { projectsQuery, useMe } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { IdText } from '@/ui/IdText'
import { List } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { LogStorePanel } from './LogStorePanel'
import { MemberDialog } from './MemberDialog'
import { memberList, removeMember, ROLES, setMember, type Member, type Role } from './queries'
import { text } from './text'

/** One project and its members. */
export function ProjectPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const list = useListState()
  const query = useQuery(memberList(id))
  const projects = useQuery(projectsQuery)
  const project = projects.data?.items.find((one) => one.id === id)
  const mayChange = useMayChangeMembers(id)
  const [adding, setAdding] = useState(false)
  const words = (member: Member) => `${member.user_name} ${member.display_name} ${member.role}`
  const add = mayChange ? (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
      {t('members.add')}
    </Button>
  ) : null
  return (
    <Page
      title={project?.name ?? id}
      description={project?.description}
      back={{ to: '/projects', label: t('projects') }}
      beside={<IdText value={id} />}
      actions={add}
    >
      <div className="sw-stack">
        <List
          label={t('members')}
          list={list}
          query={{ ...query, data: query.data && localPage(query.data.items, list.params, words) }}
          searchHint={t('members.search')}
          rowKey={(member) => member.user_id}
          rowName={(member) => member.user_name}
          columns={useMemberColumns(id, mayChange)}
          actions={useMemberActions(id, mayChange)}
          empty={
            <EmptyState
              icon={<TeamOutlined aria-hidden />}
              title={t('members.empty')}
              hint={t('members.emptyHint')}
              action={add}
            />
          }
        />
        <LogStorePanel projectId={id} mayChange={mayChange} />
      </div>
      <MemberDialog projectId={id} open={adding} onClose={() => setAdding(false)} />
    </Page>
  )
}

function useMayChangeMembers(projectId: string): boolean {
  const { user, projects } = useMe()
  return user.is_admin || projects.some(({ id, role }) => id === projectId && role === 'admin')
}

function useMemberColumns(projectId: string, mayChange: boolean): Column<Member>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('member'),
      render: (member) => (
        <span className="sw-name">
          <strong>{member.display_name || member.user_name}</strong>
          <small>{member.user_name}</small>
        </span>
      ),
    },
    {
      key: 'role',
      title: t('role'),
      width: 220,
      render: (member) =>
        mayChange ? <RoleSelect projectId={projectId} member={member} /> : t(`role.${member.role}`),
    },
    {
      key: 'since',
      title: t('since'),
      render: (member) => <TimeText value={member.created_at} />,
    },
  ]
}

function RoleSelect({ projectId, member }: { projectId: string; member: Member }) {
  const t = useText(text)
  const notify = useNotify()
  const save = useApiMutation(
    (role: Role) => setMember(projectId, member.user_name, role),
    ['project', 'me'],
  )
  const change = async (role: Role) => {
    try {
      await save.mutateAsync(role)
      notify.success(t('members.saved'))
    } catch (error) {
      notify.problem(error)
    }
  }
  return (
    <Select<Role>
      size="small"
      aria-label={`${t('role')}: ${member.user_name}`}
      value={member.role}
      loading={save.isPending}
      style={{ width: 140 }}
      options={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
      onChange={(role) => void change(role)}
    />
  )
}

function useMemberActions(projectId: string, mayChange: boolean): (member: Member) => Action[] {
  const t = useText(text)
  const notify = useNotify()
  const remove = useApiMutation(
    (member: Member) => removeMember(projectId, member.user_id),
    ['project', 'me'],
  )
  return (member) => [
    {
      key: 'remove',
      label: t('remove'),
      danger: true,
      blocked: mayChange ? null : t('members.need'),
      confirm: {
        title: t('members.remove.title', { name: member.user_name }),
        message: t('members.remove.message'),
        action: t('remove'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(member)
        notify.success(t('members.removed', { name: member.user_name }))
      },
    },
  ]
}
