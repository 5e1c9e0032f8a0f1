import { PartitionOutlined, ScissorOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { Actions, type Action } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Bytes } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { KINDS } from '../kinds'
import type { Dataset } from '../queries'
import { Samples } from '../Samples'
import { text as shared } from '../text'
import { deleteView, viewExportUrl, viewList, type SavedView } from './queries'
import { SplitDialog } from './SplitDialog'
import { text } from './text'
import { ViewDialog } from './ViewDialog'

interface Props {
  dataset: Dataset
  number: number
}

export function ViewsTab({ dataset, number }: Props) {
  const t = useText(text)
  const query = useQuery(viewList(dataset.id, number))
  const [dialog, setDialog] = useState<'split' | 'subset' | null>(null)
  const words = useText(shared)
  const blocked = useMay()('data:dataset:update') ? null : words('mayNotWrite')
  const rowActions = useViewActions(dataset, number)
  const columns = useColumns(dataset)
  const close = () => setDialog(null)
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  const rows = query.data?.items ?? []
  const make: Action[] = [
    {
      key: 'subset',
      label: t('subset'),
      icon: <ScissorOutlined aria-hidden />,
      blocked,
      run: () => setDialog('subset'),
    },
    {
      key: 'split',
      label: t('split'),
      icon: <PartitionOutlined aria-hidden />,
      primary: true,
      blocked,
      run: () => setDialog('split'),
    },
  ]
  return (
    <>
      <Panel
        flush
        title={t('views')}
        actions={
          <>
            <span className="sw-faint">{t('lead', { version: `v${number}` })}</span>
            <Actions actions={make} />
          </>
        }
      >
        <DataTable
          label={t('views')}
          rows={rows}
          rowKey={({ name }) => name}
          rowName={({ name }) => name}
          loading={query.isPending}
          columns={columns}
          actions={rowActions}
          empty={<EmptyState title={t('empty')} hint={t('emptyHint')} />}
        />
      </Panel>
      <SplitDialog dataset={dataset} number={number} open={dialog === 'split'} onClose={close} />
      <ViewDialog
        dataset={dataset}
        number={number}
        query={dialog === 'subset' ? '' : null}
        subset
        onClose={close}
      />
    </>
  )
}

function useColumns(dataset: Dataset): Column<SavedView>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      render: ({ name, ref }) => (
        <span className="sw-name">
          <strong>{name}</strong>
          <small className="sw-mono">{ref}</small>
        </span>
      ),
    },
    { key: 'how', title: t('how'), render: (view) => <How view={view} /> },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason, progress_percent: percent }) => (
        <StatusTag state={state} reason={reason} percent={percent} />
      ),
    },
    {
      key: 'samples',
      title: t('samples'),
      align: 'right',
      render: ({ state, sample_count: count }) =>
        state === 'available' ? (
          <Samples count={count} unit={dataset.unit} />
        ) : (
          <span className="sw-faint">–</span>
        ),
    },
    {
      key: 'size',
      title: t('size'),
      align: 'right',
      render: ({ size_bytes: size }) => <Bytes value={size} />,
    },
    {
      key: 'created',
      title: t('created'),
      render: ({ created_at: at }) => <TimeText value={at} />,
    },
  ]
}

interface Definition {
  query: string
  sample_count: number | null
  part: null | {
    ratios: number[]
    index: number
    stratify: string | null
    group: string | null
  }
}

function How({ view }: { view: SavedView }) {
  const t = useText(text)
  const { query, sample_count: count, part } = view.definition as unknown as Definition
  const whole = part?.ratios.reduce((sum, one) => sum + one, 0) ?? 1
  const share = part ? ((100 * (part.ratios[part.index] ?? 0)) / whole).toFixed(0) : ''
  const words = [
    query === '' ? null : t('how.query', { query }),
    count === null ? null : t('how.count', { count }),
    part ? t('how.part', { share }) : null,
    part?.stratify ? t('how.stratify', { field: part.stratify }) : null,
    part?.group ? t('how.group', { field: part.group }) : null,
  ].filter((one) => one !== null)
  return <span className="datasets-wrap">{words.join(' · ') || t('how.all')}</span>
}

function useViewActions(dataset: Dataset, number: number): (view: SavedView) => Action[] {
  const t = useText(text)
  const s = useText(shared)
  const navigate = useNavigate()
  const may = useMay()('data:dataset:update')
  const remove = useApiMutation(deleteView, ['dataset'])
  return ({ name, ref, state }) => {
    const at = { id: dataset.id, number, name }
    const missing = state === 'available' ? null : t('started')
    return [
      {
        key: 'train',
        label: t('train'),
        blocked: missing,
        run: () =>
          void navigate(`/training/new?dataset=${dataset.id}&version=${encodeURIComponent(ref)}`),
      },
      ...KINDS[dataset.kind].exports.map((format) => ({
        key: format,
        label: t('export', { format: s(`format.${format}`) }),
        blocked: missing,
        run: () => window.location.assign(viewExportUrl(at, format)),
      })),
      {
        key: 'delete',
        label: t('delete'),
        danger: true,
        blocked: may ? null : s('mayNotWrite'),
        confirm: {
          title: t('delete.title', { name }),
          message: t('delete.message'),
          action: t('delete'),
          danger: true,
        },
        run: () => remove.mutateAsync(at),
      },
    ]
  }
}
