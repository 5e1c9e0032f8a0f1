import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Bytes, Count } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { ChangesDrawer } from './ChangesDrawer'
import { KINDS } from './kinds'
import { pageText } from './pageText'
import { exportUrl, restoreVersion, versionList, type Dataset, type Version } from './queries'
import { Samples } from './Samples'
import { text } from './text'
import { useDatasetActions } from './useDatasetActions'

interface Props {
  dataset: Dataset
  onPublish: () => void
}

export function VersionsTab({ dataset, onPublish }: Props) {
  const p = useText(pageText)
  const query = useQuery(versionList(dataset.id))
  const [params, setParams] = useSearchParams()
  const compared = Number(params.get('compare')) || null
  const compare = (number: number | null) => {
    const next = new URLSearchParams(params)
    if (number === null) next.delete('compare')
    else next.set('compare', String(number))
    setParams(next)
  }
  const actions = useVersionActions(dataset, query.data?.items ?? [], compare)
  const columns = useVersionColumns(dataset)
  const all = useDatasetActions({ onPublish, onEdit: () => undefined })(dataset)
  const publish = all.find(({ key }) => key === 'publish')
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  return (
    <>
      <Panel
        flush
        title={p('versions.list')}
        actions={publish ? <ActionButton action={{ ...publish, primary: true }} /> : null}
      >
        <DataTable
          label={p('versions.list')}
          rows={query.data?.items ?? []}
          rowKey={(version) => String(version.number)}
          rowName={(version) => version.name}
          loading={query.isPending}
          columns={columns}
          actions={actions}
        />
      </Panel>
      <ChangesDrawer
        key={compared}
        id={dataset.id}
        number={compared}
        versions={query.data?.items ?? []}
        onClose={() => compare(null)}
      />
    </>
  )
}

function useVersionColumns(dataset: Dataset): Column<Version>[] {
  const t = useText(text)
  const p = useText(pageText)
  const isShown = ({ state }: Version) => state === 'available'
  const none = <span className="sw-faint">–</span>
  return [
    {
      key: 'version',
      title: t('version'),
      render: (version) => (
        <span className="sw-row">
          <strong>{version.name}</strong>
          {version.number === dataset.latest_version ? (
            <span className="sw-faint">{p('newest')}</span>
          ) : null}
        </span>
      ),
    },
    {
      key: 'state',
      title: p('versions.state'),
      render: ({ state, reason, progress_percent: percent }) => (
        <StatusTag state={state} reason={reason} percent={percent} />
      ),
    },
    {
      key: 'note',
      title: p('versions.note'),
      render: ({ description }) =>
        description ? <span className="datasets-wrap">{description}</span> : none,
    },
    {
      key: 'samples',
      title: p('versions.samples'),
      align: 'right',
      render: (version) =>
        isShown(version) ? <Samples count={version.sample_count} unit={dataset.unit} /> : none,
    },
    {
      key: 'files',
      title: p('versions.files'),
      align: 'right',
      render: (version) => (isShown(version) ? <Count value={version.file_count} /> : none),
    },
    {
      key: 'size',
      title: p('versions.size'),
      align: 'right',
      render: (version) => (isShown(version) ? <Bytes value={version.size_bytes} /> : none),
    },
    {
      key: 'hash',
      title: p('info.hash'),
      render: ({ content_hash: hash }) =>
        hash === null ? (
          none
        ) : (
          <code title={hash}>{hash.replace(/^sha256:/, '').slice(0, 12)}</code>
        ),
    },
    {
      key: 'published',
      title: p('versions.published'),
      render: (version) => <TimeText value={version.published_at} />,
    },
  ]
}

function useVersionActions(
  dataset: Dataset,
  versions: readonly Version[],
  compare: (number: number) => void,
): (version: Version) => Action[] {
  const t = useText(text)
  const p = useText(pageText)
  const navigate = useNavigate()
  const restore = useApiMutation(restoreVersion, ['dataset'])
  const mayWrite = useMay()('data:dataset:update') ? null : t('mayNotWrite')
  const path = `/datasets/${dataset.id}`
  return ({ number, state }) => {
    const missing = state === 'available' ? null : p('versions.notThere')
    const first = versions.every((one) => one.number >= number || one.state !== 'available')
    const look = number === dataset.latest_version ? path : `${path}?v=${number}`
    return [
      ...(KINDS[dataset.kind].shape === 'file'
        ? []
        : [
            {
              key: 'look',
              label: p('versions.look'),
              blocked: missing,
              run: () => void navigate(look),
            },
          ]),
      {
        key: 'compare',
        label: p('versions.compare'),
        blocked: missing ?? (first ? p('versions.compareFirst') : null),
        run: () => compare(number),
      },
      {
        key: 'restore',
        label: p('versions.restore'),
        blocked:
          mayWrite ??
          missing ??
          (number === dataset.latest_version ? p('versions.isNewest') : dataset.blocked.publish),
        confirm: {
          title: p('versions.restoreTitle', { version: `v${number}` }),
          message: p('versions.restoreHint', { version: `v${number}` }),
          action: p('versions.restore'),
        },
        run: () => restore.mutateAsync({ id: dataset.id, number }),
      },
      ...KINDS[dataset.kind].exports.map((format, _, all) => ({
        key: format,
        label: all.length === 1 ? t('export') : t('export.as', { format: t(`format.${format}`) }),
        blocked: missing,
        run: () => window.location.assign(exportUrl(dataset.id, number, format)),
      })),
    ]
  }
}
