import { useQuery } from '@tanstack/react-query'
import { Tooltip } from 'antd'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { Facts, type Fact } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Panel } from '@/ui/Page'
import { Bytes, Count } from '@/ui/Quantity'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { Labels } from './DatasetsPage'
import { pageText } from './pageText'
import { placePath } from './place/address'
import { versionList, type Dataset } from './queries'
import { KindName, Samples } from './Samples'
import { text } from './text'

export function InfoTab({ dataset }: { dataset: Dataset }) {
  const p = useText(pageText)
  return (
    <div className="sw-stack">
      <Panel>
        <Facts columns={3} items={useFacts(dataset)} />
      </Panel>
      <Panel title={p('info.uses')} flush={dataset.used_by.length > 0}>
        <Uses dataset={dataset} />
      </Panel>
    </div>
  )
}

function useFacts(dataset: Dataset): Fact[] {
  const t = useText(text)
  const p = useText(pageText)
  const versions = useQuery(versionList(dataset.id)).data?.items ?? []
  const latest = versions.find(({ number }) => number === dataset.latest_version)
  return [
    { key: 'name', label: t('name'), value: dataset.name },
    { key: 'id', label: p('info.id'), value: <IdText value={dataset.id} /> },
    { key: 'kind', label: t('kind'), value: <KindName kind={dataset.kind} /> },
    {
      key: 'samples',
      label: t('samples'),
      value: <Samples count={dataset.sample_count} unit={dataset.unit} />,
    },
    { key: 'size', label: t('size'), value: <Bytes value={dataset.size_bytes} /> },
    { key: 'files', label: p('info.files'), value: <Count value={latest?.file_count} /> },
    {
      key: 'ignored',
      label: p('info.ignored'),
      value: (
        <Tooltip title={p('info.ignoredHint')}>
          <span>
            <Count value={latest?.ignored_count} />
          </span>
        </Tooltip>
      ),
    },
    { key: 'format', label: p('info.labelFormat'), value: t(`format.${dataset.label_format}`) },
    { key: 'version', label: t('version'), value: latest?.name },
    { key: 'labels', label: t('labels'), value: <Labels labels={dataset.labels} max={20} /> },
    { key: 'tags', label: t('tags'), value: <Tags tags={dataset.tags} max={50} /> },
    {
      key: 'created',
      label: t('created'),
      value: <TimeText value={dataset.created_at} absolute />,
    },
    {
      key: 'updated',
      label: p('info.updated'),
      value: <TimeText value={dataset.updated_at} absolute />,
    },
    {
      key: 'address',
      label: p('info.address'),
      wide: true,
      value: (
        <span className="sw-row">
          <IdText value={dataset.address} />
          {dataset.address.startsWith('shared:') ? null : (
            <Link to={placePath(dataset.address)}>{t('openStorage')}</Link>
          )}
        </span>
      ),
    },
    ...(dataset.output_address === null
      ? []
      : [
          {
            key: 'output',
            label: t('output'),
            wide: true,
            value: (
              <span className="sw-row">
                <IdText value={dataset.output_address} />
                <Link to={placePath(dataset.output_address)}>{t('openStorage')}</Link>
              </span>
            ),
          },
        ]),
    {
      key: 'hash',
      label: p('info.hash'),
      wide: true,
      value: latest?.content_hash ? <IdText value={latest.content_hash} /> : null,
    },
    { key: 'description', label: t('description'), wide: true, value: dataset.description || null },
  ]
}

const PATHS: Record<string, string> = { training_task: '/training', evaluation: '/evaluations' }

function Uses({ dataset }: { dataset: Dataset }) {
  const p = useText(pageText)
  const t = useText(text)
  if (dataset.used_by.length === 0) {
    return <EmptyState title={p('info.noUses')} hint={p('info.noUsesHint')} />
  }
  return (
    <DataTable
      label={p('info.uses')}
      rows={dataset.used_by}
      rowKey={(use) => `${use.subject_id} ${use.version}`}
      columns={[
        {
          key: 'name',
          title: p('info.use'),
          render: (use) => {
            const path = PATHS[use.subject_kind]
            const shown = use.name || use.subject_id
            return path === undefined ? (
              shown
            ) : (
              <Link to={`${path}/${use.subject_id}`}>{shown}</Link>
            )
          },
        },
        {
          key: 'kind',
          title: p('info.useKind'),
          render: ({ subject_kind: kind }) =>
            kind === 'training_task' || kind === 'evaluation' ? p(`use.${kind}`) : p('use.other'),
        },
        {
          key: 'version',
          title: t('version'),
          render: (use) => (use.view ? `v${use.version}/${use.view}` : `v${use.version}`),
        },
        {
          key: 'active',
          title: p('info.useState'),
          render: (use) => (use.active ? p('info.active') : p('info.past')),
        },
      ]}
    />
  )
}
