import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Bytes } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { Metrics } from './Metrics'
import { versionList, type ModelVersion } from './queries'
import { text } from './text'
import { useVersionActions } from './useModelActions'

/** The versions below a model's row. */
export function VersionTable({ modelId }: { modelId: string }) {
  const t = useText(text)
  const query = useQuery(versionList(modelId))
  const columns = useVersionColumns()
  const actions = useVersionActions()
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  return (
    <div className="models-versions">
      <DataTable
        label={t('versions')}
        rows={query.data?.items ?? []}
        rowKey={(version) => version.id}
        rowName={(version) => version.version}
        loading={query.isPending}
        columns={columns}
        actions={actions}
        empty={<span className="sw-faint">{t('versions.none')}</span>}
      />
    </div>
  )
}

function useVersionColumns(): Column<ModelVersion>[] {
  const t = useText(text)
  return [
    {
      key: 'version',
      title: t('version'),
      render: (version) => (
        <span className="sw-name">
          <Link to={`/models/versions/${version.id}`}>{version.version}</Link>
          <small className="sw-mono">{version.id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason || null} />,
    },
    { key: 'source', title: t('source'), render: (version) => <Source version={version} /> },
    { key: 'format', title: t('format'), render: ({ format }) => format },
    {
      key: 'environment',
      title: t('environment'),
      render: (version) => <Environment version={version} />,
    },
    { key: 'metrics', title: t('metrics'), render: (version) => <Metrics version={version} /> },
    {
      key: 'size',
      title: t('size'),
      align: 'right',
      render: ({ size_bytes: size }) => <Bytes value={size} />,
    },
    {
      key: 'created',
      title: t('created'),
      render: (version) => <TimeText value={version.created_at} />,
    },
  ]
}

/** The task that made it, or that it came from storage. */
export function Source({ version }: { version: ModelVersion }) {
  const t = useText(text)
  const { task_id: id, task_name: name, address } = version.source
  if (id === null) return <span title={address}>{t('source.storage')}</span>
  return (
    <span className="sw-name">
      <Link to={`/training/${id}`}>{name ?? id}</Link>
      <small>{t('source.task')}</small>
    </span>
  )
}

export function Environment({ version }: { version: ModelVersion }) {
  const t = useText(text)
  if (version.environment === '') return <span className="sw-faint">–</span>
  return (
    <span className="sw-nowrap">
      {version.environment}{' '}
      <small className="sw-faint">
        {t(version.environment_built_in ? 'environment.builtIn' : 'environment.custom')}
      </small>
    </span>
  )
}
