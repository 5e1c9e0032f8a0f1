import { useQuery } from '@tanstack/react-query'
import { Alert, Select } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { DetailPage } from '@/ui/DetailPage'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton, type Fact } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Page, Panel } from '@/ui/Page'
import { Bytes, Count } from '@/ui/Quantity'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { Sentence } from '@/ui/Sentence'
import { LineageTab } from '../training/LineageTab'
import { FilesTab } from './FilesTab'
import './models.css'
import { oneModel, oneVersion, versionList, type ModelVersion } from './queries'
import { text } from './text'
import { useVersionActions } from './useModelActions'
import { TryNotice } from './TryNotice'
import { UsesTab } from './UsesTab'
import { Environment, Source } from './VersionTable'

/** `/models/versions/:id/:tab?` */
export function VersionPage() {
  const t = useText(text)
  const { id = '', tab } = useParams()
  const navigate = useNavigate()
  const query = useQuery(oneVersion(id))
  const actions = useVersionActions(() => void navigate('/models'))
  const back = { to: '/models', label: t('title') }
  if (query.data === undefined) {
    return (
      <Page title={id} back={back}>
        <Panel>
          {query.error === null ? (
            <FactsSkeleton />
          ) : (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          )}
        </Panel>
      </Page>
    )
  }
  const version = query.data
  return (
    <DetailPage
      title={`${version.model_name} ${version.version}`}
      id={version.id}
      state={version.state}
      reason={version.reason || null}
      back={back}
      actions={actions(version).filter(({ key }) => key !== 'retry')}
      top={<Notices version={version} />}
      tab={tab}
      path={`/models/versions/${id}`}
      tabs={[
        { key: 'overview', label: t('tab.overview'), render: () => <Overview version={version} /> },
        { key: 'files', label: t('tab.files'), render: () => <FilesTab version={version} /> },
        {
          key: 'lineage',
          label: t('tab.lineage'),
          render: () => <LineageTab of={{ version: version.id }} />,
        },
        { key: 'uses', label: t('tab.uses'), render: () => <UsesTab id={version.id} /> },
      ]}
    />
  )
}

function Notices({ version }: { version: ModelVersion }) {
  const t = useText(text)
  const retry = useVersionActions()(version).find(({ key }) => key === 'retry')
  return (
    <div className="models-notices">
      <TryNotice id={version.id} />
      {version.state === 'Failed' ? (
        <Alert
          type="error"
          showIcon
          title={t('failed')}
          description={<Sentence of={version.reason} />}
          action={retry ? <ActionButton action={{ ...retry, primary: true }} size="small" /> : null}
        />
      ) : null}
      {version.state === 'Importing' ? <Alert type="info" showIcon title={t('importing')} /> : null}
      {version.warnings.length > 0 ? (
        <Alert
          type="warning"
          showIcon
          title={t('warnings')}
          description={
            <ul className="models-warnings">
              {version.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          }
        />
      ) : null}
    </div>
  )
}

function Overview({ version }: { version: ModelVersion }) {
  const t = useText(text)
  const metrics = Object.entries(version.metrics)
  return (
    <div className="sw-stack">
      <Panel title={t('metrics')}>
        {metrics.length > 0 ? (
          <dl className="models-figures">
            {metrics.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="sw-num">{formatMetric(value)}</dd>
              </div>
            ))}
          </dl>
        ) : null}
        {version.metrics_text === '' ? null : <p className="models-long">{version.metrics_text}</p>}
        {metrics.length === 0 && version.metrics_text === '' ? (
          <EmptyState title={t('metrics.none')} hint={t('metrics.noneHint')} />
        ) : null}
      </Panel>
      <Panel title={t('facts')} actions={<VersionSelect version={version} />}>
        <Facts columns={3} items={useFacts(version)} />
      </Panel>
    </div>
  )
}

function VersionSelect({ version }: { version: ModelVersion }) {
  const t = useText(text)
  const navigate = useNavigate()
  const others = useQuery(versionList(version.model_id)).data?.items ?? []
  if (others.length < 2) return null
  return (
    <Select<string>
      size="small"
      aria-label={t('versions')}
      value={version.id}
      popupMatchSelectWidth={false}
      onChange={(id) => void navigate(`/models/versions/${id}`)}
      options={others.map((one) => ({ value: one.id, label: one.version }))}
    />
  )
}

function useFacts(version: ModelVersion): Fact[] {
  const t = useText(text)
  const model = useQuery(oneModel(version.model_id)).data
  return [
    {
      key: 'model',
      label: t('model'),
      value: <Link to={`/models/${version.model_id}`}>{version.model_name}</Link>,
    },
    { key: 'version', label: t('version'), value: version.version },
    { key: 'id', label: t('id'), value: <IdText value={version.id} /> },
    { key: 'format', label: t('format'), value: version.format },
    { key: 'framework', label: t('framework'), value: version.framework || null },
    { key: 'environment', label: t('environment'), value: <Environment version={version} /> },
    { key: 'source', label: t('source'), value: <Source version={version} /> },
    { key: 'size', label: t('size'), value: <Bytes value={version.size_bytes} /> },
    { key: 'files', label: t('files'), value: <Count value={version.file_count} /> },
    { key: 'move', label: t('move'), value: t(version.move ? 'move.moved' : 'move.copied') },
    { key: 'creator', label: t('creator'), value: version.creator },
    {
      key: 'created',
      label: t('created'),
      value: <TimeText value={version.created_at} absolute />,
    },
    {
      key: 'imported',
      label: t('imported'),
      value: <TimeText value={version.imported_at} absolute />,
    },
    { key: 'tags', label: t('tags'), value: <Tags tags={model?.tags ?? {}} max={50} /> },
    {
      key: 'address',
      label: t('sourceAddress'),
      wide: true,
      value: <IdText value={version.source.address} />,
    },
    { key: 'path', label: t('savePath'), wide: true, value: <IdText value={version.save_path} /> },
    ...(model && model.description !== ''
      ? [{ key: 'description', label: t('description'), wide: true, value: model.description }]
      : []),
  ]
}
