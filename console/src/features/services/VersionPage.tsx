import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useState } from 'react'
import { useParams } from 'react-router'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { DetailPage, type DetailTab } from '@/ui/DetailPage'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Page, Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { oneService, type ServiceDetail, type Version } from './queries'
import { ScaleDialog } from './ScaleDialog'
import { ScalingTab } from './scaling/ScalingTab'
import { text as scalingText } from './scaling/text'
import { EventsTab } from './tabs/EventsTab'
import { InstancesTab } from './tabs/InstancesTab'
import { LogTab } from './tabs/LogTab'
import { MonitorTab } from './tabs/MonitorTab'
import { UpdatesTab } from './tabs/UpdatesTab'
import { text } from './text'
import { useVersionActions } from './versionActions'
import { OneVersion } from './versionChoice'
import './services.css'

/** One version of a service, each of its sides with an address. */
export function VersionPage() {
  const t = useText(text)
  const { id = '', version = '' } = useParams()
  const { data, error, refetch } = useQuery(oneService(id))
  const found = data?.items.find((one) => one.id === version)
  if (data !== undefined && found !== undefined) {
    return (
      <OneVersion value={found.id}>
        <OfVersion service={data} version={found} />
      </OneVersion>
    )
  }
  return (
    <Page title={version} back={{ to: `/services/${id}`, label: t('versions') }}>
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <EmptyState title={t('version.gone', { id: version })} />
      )}
    </Page>
  )
}

function OfVersion({ service, version }: { service: ServiceDetail; version: Version }) {
  const { tab } = useParams()
  const [scaling, setScaling] = useState<Version | null>(null)
  const actions = useVersionActions(service, setScaling)
  return (
    <>
      <DetailPage
        title={`${service.name} ${version.name}`}
        id={version.id}
        state={version.state}
        reason={version.reason || null}
        back={{ to: `/services/${service.id}`, label: service.name }}
        path={`/services/${service.id}/versions/${version.id}`}
        actions={actions(version)}
        tab={tab}
        tabs={useTabs(service, version)}
      />
      <ScaleDialog version={scaling} llm={service.llm} onClose={() => setScaling(null)} />
    </>
  )
}

function useTabs(service: ServiceDetail, version: Version): DetailTab[] {
  const t = useText(text)
  const s = useText(scalingText)
  return [
    { key: 'basics', label: t('tab.basics'), render: () => <Basics version={version} /> },
    {
      key: 'instances',
      label: t('tab.instances'),
      render: () => <InstancesTab service={service} />,
    },
    { key: 'scaling', label: s('tab'), render: () => <ScalingTab service={service} /> },
    { key: 'monitor', label: t('tab.monitor'), render: () => <MonitorTab service={service} /> },
    { key: 'events', label: t('tab.events'), render: () => <EventsTab service={service} /> },
    { key: 'logs', label: t('tab.logs'), render: () => <LogTab service={service} /> },
    { key: 'updates', label: t('tab.updates'), render: () => <UpdatesTab service={service} /> },
  ]
}

function Basics({ version }: { version: Version }) {
  const t = useText(text)
  const { config } = version
  const env = Object.entries(config.env)
  return (
    <Panel>
      <Facts
        columns={3}
        items={[
          { key: 'kind', label: t('kind'), value: t(`kind.${config.runtime}`) },
          {
            key: 'model',
            label: t('version.model'),
            value: config.model.kind === 'none' ? null : <code>{config.model.ref}</code>,
          },
          { key: 'environment', label: t('environment'), value: config.environment },
          {
            key: 'resources',
            label: t('version.resources'),
            value: [
              t('version.cores', { count: config.cpu_cores }),
              formatBytes(config.memory_bytes),
              ...(config.gpus > 0 ? [t('version.gpus', { count: config.gpus })] : []),
            ].join(' · '),
          },
          {
            key: 'instances',
            label: t('instances'),
            value: `${version.running} / ${version.replicas}`,
          },
          { key: 'traffic', label: t('version.traffic'), value: `${version.weight}%` },
          {
            key: 'roles',
            label: t('perReplica'),
            value:
              config.roles.length > 0
                ? config.roles.map((role) => `${role.name} × ${role.instances}`).join(', ')
                : config.instances,
          },
          {
            key: 'policy',
            label: t('policy'),
            value: `+${config.max_surge} / −${config.max_unavailable}`,
          },
          { key: 'revision', label: t('update.revision'), value: version.revision },
          {
            key: 'command',
            label: t('command'),
            value: config.command === '' ? null : <code>{config.command.slice(0, 300)}</code>,
          },
          {
            key: 'env',
            label: t('env'),
            value: env.length === 0 ? null : env.map(([name]) => name).join(', '),
          },
          { key: 'id', label: 'ID', value: <IdText value={version.id} /> },
          { key: 'creator', label: t('creator'), value: version.creator },
          {
            key: 'created',
            label: t('created'),
            value: <TimeText value={version.created_at} absolute />,
          },
          { key: 'description', label: t('description'), value: version.description || null },
        ]}
      />
    </Panel>
  )
}
