import { CloudServerOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { deleteUpstream, editUpstream, upstreamList, type Upstream } from './queries'
import { text } from './text'
import { UpstreamDialog } from './UpstreamDialog'

/** Other people's servers behind a service. */
export function Upstreams({ service }: { service: string }) {
  const t = useText(text)
  const may = useMay()
  const list = useListState({ prefix: 'up-' })
  const query = useQuery(upstreamList(service))
  const [editing, setEditing] = useState<Upstream | 'new' | null>(null)
  const words = ({ name, url }: Upstream) => `${name} ${url}`
  const add = (
    <ActionButton
      action={{
        key: 'new',
        label: t('upstream.new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: may('serve:service:update') ? null : t('mayNot'),
        run: () => setEditing('new'),
      }}
    />
  )
  return (
    <>
      <List
        label={t('upstreams')}
        list={list}
        query={{ ...query, data: query.data && localPage(query.data.items, list.params, words) }}
        searchHint={t('upstreams.search')}
        extra={add}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        columns={useColumns()}
        actions={useActions(setEditing)}
        empty={
          <EmptyState
            icon={<CloudServerOutlined aria-hidden />}
            title={t('upstreams.empty')}
            hint={t('upstreams.emptyHint')}
            action={add}
          />
        }
      />
      <UpstreamDialog service={service} of={editing} onClose={() => setEditing(null)} />
    </>
  )
}

function useColumns(): Column<Upstream>[] {
  const t = useText(text)
  const none = <span className="sw-faint">–</span>
  return [
    { key: 'name', title: t('upstream.name'), render: ({ name }) => <strong>{name}</strong> },
    { key: 'url', title: t('upstream.url'), render: ({ url }) => <code>{url}</code> },
    { key: 'model', title: t('upstream.model'), render: ({ model }) => model || none },
    {
      key: 'key',
      title: t('upstream.key'),
      render: ({ key_hint }) => (key_hint === '' ? none : <code>{key_hint}</code>),
    },
    {
      key: 'weight',
      title: t('upstream.weight'),
      render: ({ weight }) => (weight === 0 ? t('upstream.reserve') : weight),
    },
    {
      key: 'state',
      title: t('upstream.state'),
      render: ({ enabled }) => <StatusTag state={enabled ? 'enabled' : 'disabled'} />,
    },
    {
      key: 'created',
      title: t('created'),
      render: ({ created_at }) => <TimeText value={created_at} />,
    },
  ]
}

function useActions(onEdit: (one: Upstream) => void) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const turn = useApiMutation(
    (one: Upstream) => editUpstream(one, { enabled: !one.enabled }),
    ['service'],
  )
  const remove = useApiMutation(deleteUpstream, ['service'])
  const blocked = may('serve:service:update') ? null : t('mayNot')
  return (one: Upstream): Action[] => [
    { key: 'edit', label: t('upstream.edit'), blocked, run: () => onEdit(one) },
    {
      key: 'turn',
      label: t(one.enabled ? 'upstream.disable' : 'upstream.enable'),
      blocked,
      run: () => turn.mutateAsync(one),
    },
    {
      key: 'delete',
      label: t('upstream.delete'),
      danger: true,
      blocked,
      confirm: {
        title: t('upstream.delete.title', { name: one.name }),
        message: t('upstream.delete.message'),
        action: t('upstream.delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(one)
        notify.success(t('upstream.deleted', { name: one.name }))
      },
    },
  ]
}
