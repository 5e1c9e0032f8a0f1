import { ClusterOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Drawer, Switch, Tag } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IdText } from '@/ui/IdText'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import {
  isolateReplica,
  rebuildReplica,
  releaseReplica,
  replicaList,
  type Replica,
  type ServiceDetail,
  type Version,
} from '../queries'
import { ShellDrawer, type ShellTarget } from '../../webshell/ShellDrawer'
import { text as shellText } from '../../webshell/text'
import { text } from '../text'
import { UsageCharts } from '../UsageCharts'
import { useAddressPart, useVersion, VersionSelect } from '../versionChoice'

/** The instances of one version: how each is, what it uses, and how to take one out. */
export function InstancesTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const version = useVersion(service)
  const [ended, setEnded] = useAddressPart('ended')
  return (
    <div className="sw-stack">
      <div className="sw-row">
        <VersionSelect service={service} />
        <label className="sw-row">
          <Switch
            size="small"
            aria-label={t('instance.ended')}
            checked={ended === 'true'}
            onChange={(on) => setEnded(on ? 'true' : null)}
          />
          {t('instance.ended')}
        </label>
      </div>
      {version === undefined ? (
        <Panel>
          <EmptyState title={t('version.none')} hint={t('version.noneHint')} />
        </Panel>
      ) : (
        <Instances service={service} version={version} ended={ended === 'true'} />
      )}
    </div>
  )
}

interface Props {
  service: ServiceDetail
  version: Version
  ended: boolean
}

function Instances({ service, version, ended }: Props) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(replicaList(service, version.id, ended))
  const [charted, setCharted] = useState<Replica | null>(null)
  const columns = useColumns()
  const [entered, setEntered] = useState<ShellTarget | null>(null)
  const actions = useReplicaActions(service, setCharted, setEntered)
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <>
      <Panel flush>
        <DataTable
          label={t('tab.instances')}
          rows={data?.items ?? []}
          rowKey={({ id }) => id}
          rowName={({ id }) => id}
          loading={data === undefined}
          columns={columns}
          actions={actions}
          expandedRow={data?.items.some(hasMembers) ? (one) => <Members of={one} /> : undefined}
          empty={
            <EmptyState
              icon={<ClusterOutlined aria-hidden />}
              title={t('instance.none')}
              hint={t('instance.noneHint')}
            />
          }
        />
      </Panel>
      <Drawer
        open={charted !== null}
        size={720}
        title={t('usage.title', { name: charted?.id ?? '' })}
        onClose={() => setCharted(null)}
        destroyOnHidden
      >
        {charted === null ? null : <UsageCharts service={service.id} replica={charted} />}
      </Drawer>
      <ShellDrawer of={entered} onClose={() => setEntered(null)} />
    </>
  )
}

const hasMembers = ({ members }: Replica) => members.length > 0

/** The instances of a replica that has several; the first gets the requests. */
function Members({ of: { members } }: { of: Replica }) {
  const t = useText(text)
  return (
    <DataTable
      label={t('tab.instances')}
      rows={members}
      rowKey={({ instance_id }) => instance_id}
      columns={[
        { key: 'rank', title: '#', render: ({ rank }) => rank },
        { key: 'role', title: t('instance.role'), render: ({ role }) => role },
        {
          key: 'name',
          title: t('instance.name'),
          render: ({ instance_id }) => <IdText value={instance_id} />,
        },
        {
          key: 'address',
          title: t('instance.address'),
          render: ({ host, port }) => <code>{`${host}:${port ?? ''}`}</code>,
        },
        { key: 'node', title: t('instance.node'), render: ({ node }) => node },
        { key: 'state', title: t('state'), render: ({ state }) => <StatusTag state={state} /> },
      ]}
    />
  )
}

function useReplicaActions(
  service: ServiceDetail,
  onCharts: (replica: Replica) => void,
  onEnter: (target: ShellTarget) => void,
) {
  const t = useText(text)
  const s = useText(shellText)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const isolate = useApiMutation(isolateReplica, ['service'])
  const release = useApiMutation(releaseReplica, ['service'])
  const rebuild = useApiMutation(rebuildReplica, ['service'])
  const allowed = (reason: string | null | undefined) =>
    may('serve:service:update') ? (reason ?? null) : t('mayNot')
  return (one: Replica): Action[] => {
    const name = one.id
    const lift: Action = {
      key: 'release',
      label: t('instance.release'),
      blocked: allowed(one.blocked.release),
      run: async () => {
        await release.mutateAsync(one)
        notify.success(t('instance.release.done', { name }))
      },
    }
    const takeOut: Action = {
      key: 'isolate',
      label: t('instance.isolate'),
      blocked: allowed(one.blocked.isolate),
      confirm: {
        title: t('instance.isolate.title', { name }),
        message: t('instance.isolate.message'),
        action: t('instance.isolate'),
      },
      run: async () => {
        await isolate.mutateAsync(one)
        notify.success(t('instance.isolate.done', { name }))
      },
    }
    return [
      { key: 'charts', label: t('instance.charts'), run: () => onCharts(one) },
      {
        key: 'logs',
        label: t('version.logs'),
        run: () =>
          void navigate(
            `/services/${service.id}/logs?version=${one.version_id}&instance=${one.id}`,
          ),
      },
      {
        key: 'shell',
        label: s('open'),
        blocked: !may('serve:service:shell')
          ? s('mayNot')
          : one.instance_id !== null && one.started_at !== null && one.ended_at === null
            ? null
            : s('notRunning'),
        run: () =>
          onEnter({
            path: `/api/v1/services/${service.id}/instances/${one.instance_id ?? ''}/shell`,
            name,
          }),
      },
      one.isolated ? lift : takeOut,
      {
        key: 'rebuild',
        label: t('instance.rebuild'),
        danger: true,
        blocked: allowed(one.blocked.rebuild),
        confirm: {
          title: t('instance.rebuild.title', { name }),
          message: t('instance.rebuild.message'),
          action: t('instance.rebuild'),
          danger: true,
        },
        run: async () => {
          await rebuild.mutateAsync(one)
          notify.success(t('instance.rebuild.done', { name }))
        },
      },
    ]
  }
}

function useColumns(): Column<Replica>[] {
  const t = useText(text)
  return [
    { key: 'name', title: t('instance.name'), render: ({ id }) => <IdText value={id} /> },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason || null} />,
    },
    {
      key: 'revision',
      title: t('instance.revision'),
      render: ({ revision, outdated }) => (
        <span className="sw-row">
          {revision}
          {outdated ? <Tag variant="filled">{t('instance.outdated')}</Tag> : null}
        </span>
      ),
    },
    {
      key: 'address',
      title: t('instance.address'),
      render: ({ host, port }) =>
        host === null ? (
          <span className="sw-faint">–</span>
        ) : (
          <code>{`${host}:${port ?? ''}`}</code>
        ),
    },
    {
      key: 'node',
      title: t('instance.node'),
      render: ({ node }) => node ?? <span className="sw-faint">–</span>,
    },
    {
      key: 'resources',
      title: t('instance.resources'),
      render: ({ cpu_cores, memory_bytes, gpus }) =>
        cpu_cores === null ? (
          <span className="sw-faint">–</span>
        ) : (
          <span className="sw-nowrap">
            {[
              t('version.cores', { count: cpu_cores }),
              formatBytes(memory_bytes ?? 0),
              ...(gpus === null || gpus === 0 ? [] : [t('version.gpus', { count: gpus })]),
            ].join(' · ')}
          </span>
        ),
    },
    {
      key: 'ready',
      title: t('instance.ready'),
      render: ({ ready_at }) => <TimeText value={ready_at} />,
    },
    {
      key: 'created',
      title: t('created'),
      render: ({ created_at }) => <TimeText value={created_at} />,
    },
  ]
}
