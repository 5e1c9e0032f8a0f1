import { ApiOutlined, BellOutlined, MailOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { Problem } from '@/base/problem'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { TimeText } from '@/ui/TimeText'
import {
  deleteTarget,
  replaceSecret,
  targetList,
  testTarget,
  type NewTarget,
  type Target,
  type TargetKind,
} from './queries'
import { SecretDialog } from './SecretDialog'
import { TargetDialog } from './TargetDialog'
import { TargetHealth } from './TargetHealth'
import { text } from './text'

const ICONS: Record<TargetKind, ReactNode> = {
  webhook: <ApiOutlined aria-hidden />,
  email: <MailOutlined aria-hidden />,
  inbox: <BellOutlined aria-hidden />,
}

export function TargetsTab() {
  const t = useText(text)
  const list = useListState({ filters: ['state'] })
  const query = useQuery(targetList(list.params))
  const [editing, setEditing] = useState<Target | 'new' | null>(null)
  const [made, setMade] = useState<NewTarget | null>(null)
  const may = useMay()
  const create: Action = {
    key: 'new',
    label: t('target.new'),
    icon: <PlusOutlined aria-hidden />,
    primary: true,
    blocked: may('alert:target:create') ? null : t('mayNot'),
    run: () => setEditing('new'),
  }
  const kinds = (['inbox', 'email', 'webhook'] as const).map((kind) => ({
    value: kind,
    label: t(`kind.${kind}`),
  }))
  return (
    <>
      <List
        label={t('targets')}
        list={list}
        query={query}
        searchHint={t('target.search')}
        filters={[{ kind: 'choice', key: 'state', label: t('target.kind'), options: kinds }]}
        extra={<ActionButton action={create} />}
        rowKey={(target) => target.id}
        rowName={(target) => target.name}
        columns={useColumns()}
        actions={useTargetActions(setEditing, setMade)}
        empty={
          <EmptyState
            icon={<BellOutlined aria-hidden />}
            title={t('target.empty')}
            hint={t('target.emptyHint')}
            action={<ActionButton action={create} />}
          />
        }
      />
      <TargetDialog
        key={typeof editing === 'string' ? editing : editing?.id}
        target={editing}
        onMade={setMade}
        onClose={() => setEditing(null)}
      />
      <SecretDialog made={made} onClose={() => setMade(null)} />
    </>
  )
}

function useColumns(): Column<Target>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: (target) => (
        <span className="sw-name">
          <strong>{target.name}</strong>
          <small>{target.own ? t('own') : target.id}</small>
        </span>
      ),
    },
    {
      key: 'kind',
      title: t('target.kind'),
      render: ({ kind }) => (
        <span className="sw-nowrap">
          {ICONS[kind]} {t(`kind.${kind}`)}
        </span>
      ),
    },
    {
      key: 'to',
      title: t('target.to'),
      render: (target) => <span className="alerts-to">{receivers(target, t)}</span>,
    },
    { key: 'health', title: t('state'), render: (target) => <TargetHealth target={target} /> },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (target) => (
        <span className="sw-name">
          <TimeText value={target.created_at} />
          <small>{target.created_by}</small>
        </span>
      ),
    },
  ]
}

function receivers(target: Target, t: (key: 'target.members' | 'target.creator') => string) {
  if (target.kind !== 'inbox') return target.shown
  const people = target.shown.split(', ').filter((name) => name !== '' && name !== '*')
  const groups = [
    ...(target.members ? [t('target.members')] : []),
    ...(target.creator ? [t('target.creator')] : []),
  ]
  return [...groups, ...people].join(', ')
}

function useTargetActions(
  onEdit: (target: Target) => void,
  onMade: (made: NewTarget) => void,
): (target: Target) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const say = useSentence()
  const test = useApiMutation(testTarget, ['alert_target', 'alert_delivery', 'inbox'])
  const renew = useApiMutation(replaceSecret, ['alert_target'])
  const remove = useApiMutation(deleteTarget, ['alert_target'])
  const held = (action: string) => (may(action) ? null : t('mayNot'))
  return (target) => [
    {
      key: 'test',
      label: t('target.test'),
      blocked: held('alert:target:test'),
      run: async () => {
        const sent = await test.mutateAsync(target.id)
        if (sent.state === 'Delivered') notify.success(t('target.test.done'))
        else
          throw new Problem(
            409,
            'not_delivered',
            `${t('target.test.failed')}: ${say(sent.last_error)}`,
          )
      },
    },
    {
      key: 'edit',
      label: t('edit'),
      blocked: held('alert:target:update'),
      run: () => onEdit(target),
    },
    ...(target.kind === 'webhook'
      ? [
          {
            key: 'secret',
            label: t('target.secret'),
            blocked: held('alert:target:update'),
            confirm: {
              title: t('target.secret.title', { name: target.name }),
              message: t('target.secret.message'),
              action: t('target.secret'),
            },
            run: async () => onMade(await renew.mutateAsync(target.id)),
          },
        ]
      : []),
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: held('alert:target:delete') ?? target.blocked.delete,
      confirm: {
        title: t('target.delete.title', { name: target.name }),
        message: t('target.delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(target.id)
        notify.success(t('target.deleted'))
      },
    },
  ]
}
