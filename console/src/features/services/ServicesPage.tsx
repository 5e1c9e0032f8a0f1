import { ApiOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { formatCount } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { Actions, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import type { Filter } from '@/ui/FilterBar'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { stateLabel } from '@/ui/states'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { useServiceActions } from './actions'
import { EditServiceDialog } from './EditServiceDialog'
import { ExternalDialog } from './gateway/ExternalDialog'
import { text as gatewayText } from './gateway/text'
import { serviceList, type Service } from './queries'
import { text } from './text'
import './services.css'

const STATES = [
  'CREATING',
  'Pending',
  'Waiting',
  'Normal',
  'Abnormal',
  'Stopping',
  'Stopped',
  'CREATE_FAILED',
]

export function ServicesPage() {
  const t = useText(text)
  const list = useListState({ filters: ['state', 'tag', 'mine'] })
  const query = useQuery(serviceList(list.params))
  const [editing, setEditing] = useState<Service | null>(null)
  const [connecting, setConnecting] = useState(false)
  const create = useCreateAction()
  const connect = useConnectAction(() => setConnecting(true))
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={<Actions actions={[create, connect]} />}
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(service) => service.id}
        rowName={(service) => service.name}
        columns={useServiceColumns()}
        filters={useServiceFilters()}
        actions={useServiceActions({ onEdit: setEditing })}
        empty={<NoServices create={create} />}
      />
      <EditServiceDialog service={editing} onClose={() => setEditing(null)} />
      <ExternalDialog open={connecting} onClose={() => setConnecting(false)} />
    </>
  )
}

function useCreateAction(): Action {
  const t = useText(text)
  const navigate = useNavigate()
  return {
    key: 'new',
    label: t('new'),
    icon: <PlusOutlined aria-hidden />,
    primary: true,
    blocked: useMay()('serve:service:create') ? null : t('mayNot'),
    run: () => void navigate('/services/new'),
  }
}

function useConnectAction(run: () => void): Action {
  const t = useText(gatewayText)
  return {
    key: 'external',
    label: t('external'),
    blocked: useMay()('serve:service:create') ? null : t('mayNot'),
    run,
  }
}

function NoServices({ create }: { create: Action }) {
  const t = useText(text)
  const navigate = useNavigate()
  const models: Action = {
    key: 'models',
    label: t('empty.models'),
    run: () => void navigate('/models'),
  }
  return (
    <EmptyState
      icon={<ApiOutlined aria-hidden />}
      title={t('empty')}
      hint={t('emptyHint')}
      action={<Actions actions={[create, models]} />}
    />
  )
}

function useServiceFilters(): Filter[] {
  const t = useText(text)
  const [language] = usePreference('language')
  return [
    {
      kind: 'choice',
      key: 'state',
      label: t('state'),
      options: STATES.map((value) => ({ value, label: stateLabel(value, language) })),
    },
    { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
    { kind: 'switch', key: 'mine', label: t('mine') },
  ]
}

function useServiceColumns(): Column<Service>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: (service) => (
        <span className="sw-name">
          <Link to={`/services/${service.id}`}>{service.name}</Link>
          <small>{service.id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason || null} />,
    },
    {
      key: 'kind',
      title: t('kind'),
      render: ({ runtime }) => (runtime === null ? '–' : t(`kind.${runtime}`)),
    },
    {
      key: 'instances',
      title: t('instances'),
      render: ({ running, replicas }) => (
        <span className="sw-num">
          {running} / {replicas}
        </span>
      ),
    },
    {
      key: 'versions',
      title: t('versions'),
      render: ({ versions, versions_running }) =>
        t('versions.running', { running: versions_running, count: versions }),
    },
    { key: 'calls', title: t('calls'), render: (service) => <Calls of={service} /> },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={2} /> },
    { key: 'creator', title: t('creator'), render: ({ creator }) => creator },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: ({ created_at }) => <TimeText value={created_at} />,
    },
    {
      key: 'updated',
      title: t('updated'),
      sortBy: 'updated_at',
      render: ({ updated_at }) => <TimeText value={updated_at} />,
    },
  ]
}

function Calls({ of: { calls, failed_calls } }: { of: Service }) {
  const [language] = usePreference('language')
  return (
    <span className="sw-num sw-nowrap" data-tone={failed_calls > 0 ? 'bad' : undefined}>
      {formatCount(failed_calls, language)} / {formatCount(calls, language)}
    </span>
  )
}
