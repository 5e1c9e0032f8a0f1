import { PartitionOutlined, PlusOutlined } from '@ant-design/icons'
import { Tag } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { Facts, type Fact } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { RolloutPanel } from '../rollout/RolloutPanel'
import { ScaleDialog } from '../ScaleDialog'
import { useVersionActions } from '../versionActions'
import { WeightsEditor } from '../WeightsEditor'
import { limitValues } from '../form/values'
import type { ServiceDetail, Source, Version } from '../queries'
import { text } from '../text'

/** The versions of a service, what each does and gets, and how traffic is shared between them. */
export function VersionsTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const [scaling, setScaling] = useState<Version | null>(null)
  const add = useAddAction(service)
  return (
    <div className="sw-stack">
      <Panel>
        <Facts items={useFacts(service)} columns={3} />
      </Panel>
      <Panel title={t('versions')} actions={<ActionButton action={add} />} flush>
        <DataTable
          label={t('versions')}
          rows={service.items.toSorted((a, b) => b.number - a.number)}
          rowKey={({ id }) => id}
          rowName={({ name }) => name}
          columns={useColumns()}
          actions={useVersionActions(service, setScaling)}
          empty={
            <EmptyState
              icon={<PartitionOutlined aria-hidden />}
              title={t('version.none')}
              hint={t('version.noneHint')}
              action={<ActionButton action={add} />}
            />
          }
        />
      </Panel>
      {service.items.length > 1 ? (
        <>
          <WeightsEditor key={weightsKey(service)} service={service} />
          <RolloutPanel service={service} />
        </>
      ) : null}
      <ScaleDialog version={scaling} llm={service.llm} onClose={() => setScaling(null)} />
    </div>
  )
}

/** New weights from elsewhere start the editor anew. */
function weightsKey({ items }: ServiceDetail): string {
  return items.map(({ id, weight }) => `${id}=${weight}`).join()
}

function useAddAction({ id }: ServiceDetail): Action {
  const t = useText(text)
  const navigate = useNavigate()
  return {
    key: 'add',
    label: t('version.add'),
    icon: <PlusOutlined aria-hidden />,
    blocked: useMay()('serve:service:update') ? null : t('mayNot'),
    run: () => void navigate(`/services/${id}/add-version`),
  }
}

function useFacts(service: ServiceDetail): Fact[] {
  const t = useText(text)
  const { limitKind, limitValue } = limitValues(service.limit)
  return [
    { key: 'endpoint', label: t('endpoint'), value: <IdText value={service.endpoint} /> },
    {
      key: 'kind',
      label: t('kind'),
      value: service.runtime === null ? null : t(`kind.${service.runtime}`),
    },
    {
      key: 'auth',
      label: t('auth'),
      value: (
        <Link to={`/services/${service.id}/keys`}>{t(service.auth ? 'auth.on' : 'auth.off')}</Link>
      ),
    },
    {
      key: 'limit',
      label: t('limit'),
      value:
        limitKind === 'none'
          ? t('limit.none')
          : t(`limit.${limitKind}`, { count: limitValue ?? 0 }),
    },
    { key: 'group', label: t('group'), value: `${service.resource_group}, ${service.site}` },
    { key: 'mode', label: t('mode'), value: t(`mode.${service.mode}`) },
    ...(service.stop_at === null
      ? []
      : [
          {
            key: 'stopAt',
            label: t('stopAt'),
            value: <TimeText value={service.stop_at} absolute />,
          },
        ]),
    { key: 'tags', label: t('tags'), value: <Tags tags={service.tags} /> },
    { key: 'creator', label: t('creator'), value: service.creator },
    {
      key: 'created',
      label: t('created'),
      value: <TimeText value={service.created_at} absolute />,
    },
    { key: 'description', label: t('description'), value: service.description || null },
  ]
}

function useColumns(): Column<Version>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('version'),
      render: ({ name, id, service_id, description }) => (
        <span className="sw-name">
          <Link to={`/services/${service_id}/versions/${id}`}>{name}</Link>
          <small title={description}>{id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: (version) => (
        <span className="sw-row">
          <StatusTag state={version.state} reason={version.reason || null} />
          {version.updating ? <Tag variant="filled">{t('version.updating')}</Tag> : null}
        </span>
      ),
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
      key: 'traffic',
      title: t('version.traffic'),
      align: 'right',
      render: ({ weight }) => <span className="sw-num">{weight}%</span>,
    },
    {
      key: 'model',
      title: t('version.model'),
      render: ({ config }) => <SourceText source={config.model} />,
    },
    {
      key: 'resources',
      title: t('version.resources'),
      render: ({ config }) => (
        <span className="sw-nowrap">
          {[
            t('version.cores', { count: config.cpu_cores }),
            formatBytes(config.memory_bytes),
            ...(config.gpus > 0 ? [t('version.gpus', { count: config.gpus })] : []),
          ].join(' · ')}
        </span>
      ),
    },
    {
      key: 'created',
      title: t('created'),
      render: ({ created_at }) => <TimeText value={created_at} />,
    },
  ]
}

function SourceText({ source: { kind, ref } }: { source: Source }) {
  return kind === 'none' ? <span className="sw-faint">–</span> : <code>{ref}</code>
}
