import { useQuery } from '@tanstack/react-query'
import { Alert, Select } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { DetailPage } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { FactsSkeleton } from '@/ui/Facts'
import { Page, Panel } from '@/ui/Page'
import './datasets.css'
import { DatasetState } from './DatasetsPage'
import { EditDialog } from './EditDialog'
import { FailureNotice } from './FailureNotice'
import { InfoTab } from './InfoTab'
import { KINDS } from './kinds'
import { PreviewTab } from './preview/PreviewTab'
import { PublishDialog } from './PublishDialog'
import { oneDataset, versionList, type Dataset } from './queries'
import { KindName, Samples } from './Samples'
import { StatisticsTab } from './StatisticsTab'
import { pageText } from './pageText'
import { text } from './text'
import { QualityTab } from './analysis/QualityTab'
import { text as analysisText } from './analysis/text'
import { text as viewsText } from './views/text'
import { ViewsTab } from './views/ViewsTab'
import { LineageTab, text as lineageText } from './lineage/LineageTab'
import { SharingTab } from './sharing/SharingTab'
import { text as sharingText } from './sharing/text'
import { useDatasetActions } from './useDatasetActions'
import { VersionsTab } from './VersionsTab'

/** `/datasets/:id/:tab?v=2`: one dataset, at one of its versions. */
export function DatasetPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const query = useQuery(oneDataset(id))
  const back = { to: '/datasets', label: t('title') }
  if (query.data !== undefined) return <Loaded dataset={query.data} back={back} />
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

interface LoadedProps {
  dataset: Dataset
  back: { to: string; label: string }
}

function Loaded({ dataset, back }: LoadedProps) {
  const p = useText(pageText)
  const a = useText(analysisText)
  const v = useText(viewsText)
  const l = useText(lineageText)
  const h = useText(sharingText)
  const mayShare = useMay()('data:dataset:share')
  const { tab } = useParams()
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'publish' | 'edit' | null>(null)
  const actions = useDatasetActions({
    onPublish: () => setDialog('publish'),
    onEdit: () => setDialog('edit'),
    onDeleted: () => void navigate('/datasets'),
  })
  const number = useVersion(dataset)
  const close = () => setDialog(null)
  const published = dataset.latest_version !== null && dataset.state !== 'unavailable'
  const looking =
    published && KINDS[dataset.kind].shape !== 'file'
      ? [
          {
            key: 'preview',
            label: p('preview'),
            render: () => <PreviewTab key={number} dataset={dataset} number={number} />,
          },
          {
            key: 'statistics',
            label: p('statistics'),
            render: () => <StatisticsTab dataset={dataset} number={number} />,
          },
          ...(KINDS[dataset.kind].shape === 'row'
            ? []
            : [
                {
                  key: 'quality',
                  label: a('quality'),
                  render: () => <QualityTab key={number} dataset={dataset} number={number} />,
                },
              ]),
        ]
      : []
  return (
    <>
      <DetailPage
        title={dataset.name}
        id={dataset.id}
        back={back}
        actions={actions(dataset).filter(({ key }) => key !== 'retry')}
        top={<Top dataset={dataset} number={number} />}
        tab={tab}
        path={`/datasets/${dataset.id}`}
        tabs={[
          ...looking,
          ...(published
            ? [
                {
                  key: 'views',
                  label: v('views'),
                  render: () => <ViewsTab dataset={dataset} number={number} />,
                },
              ]
            : []),
          {
            key: 'versions',
            label: p('versions'),
            render: () => <VersionsTab dataset={dataset} onPublish={() => setDialog('publish')} />,
          },
          {
            key: 'lineage',
            label: l('lineage'),
            render: () => <LineageTab dataset={dataset} />,
          },
          ...(mayShare
            ? [
                {
                  key: 'sharing',
                  label: h('sharing'),
                  render: () => <SharingTab dataset={dataset} />,
                },
              ]
            : []),
          { key: 'info', label: p('info'), render: () => <InfoTab dataset={dataset} /> },
        ]}
      />
      <PublishDialog dataset={dialog === 'publish' ? dataset : null} onClose={close} />
      <EditDialog dataset={dialog === 'edit' ? dataset : null} onClose={close} />
    </>
  )
}

/** `?v=2`, else the newest published version. */
function useVersion(dataset: Dataset): number {
  const [query] = useSearchParams()
  const asked = Number(query.get('v'))
  return Number.isInteger(asked) && asked > 0 ? asked : (dataset.latest_version ?? 1)
}

function Top({ dataset, number }: { dataset: Dataset; number: number }) {
  const t = useText(text)
  const { newest, unit, kind } = dataset
  return (
    <div className="datasets-top">
      <div className="datasets-line">
        <DatasetState dataset={dataset} />
        <KindName kind={kind} />
        {dataset.latest_version === null ? null : (
          <>
            <Samples count={dataset.sample_count} unit={unit} />
            <VersionSelect dataset={dataset} number={number} />
          </>
        )}
        {dataset.description ? <span className="sw-soft">{dataset.description}</span> : null}
      </div>
      {newest?.state === 'importing' ? (
        <Alert
          type="info"
          showIcon
          title={t('importing', { version: newest.name, percent: newest.progress_percent ?? 0 })}
          description={t('importingHint')}
        />
      ) : null}
      {newest?.state === 'failed' ? <FailureNotice dataset={dataset} version={newest} /> : null}
    </div>
  )
}

function VersionSelect({ dataset, number }: { dataset: Dataset; number: number }) {
  const p = useText(pageText)
  const [query, setQuery] = useSearchParams()
  const versions = useQuery(versionList(dataset.id)).data?.items ?? []
  const published = versions.filter(({ state }) => state === 'available')
  const latest = dataset.latest_version
  const choose = (chosen: number) => {
    const next = new URLSearchParams(query)
    for (const key of ['page', 'label', 'status', 'sample']) next.delete(key)
    if (chosen === latest) next.delete('v')
    else next.set('v', String(chosen))
    setQuery(next)
  }
  return (
    <Select<number>
      size="small"
      aria-label={p('version')}
      value={number}
      popupMatchSelectWidth={false}
      onChange={choose}
      options={(published.length > 0 ? published.map((one) => one.number) : [number]).map(
        (one) => ({
          value: one,
          label: one === latest ? `v${one} · ${p('newest')}` : `v${one}`,
        }),
      )}
    />
  )
}
