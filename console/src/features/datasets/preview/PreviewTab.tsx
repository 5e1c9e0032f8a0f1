import { EyeInvisibleOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Pagination, Segmented, Select, Skeleton, Switch } from 'antd'
import { useState, type ReactNode } from 'react'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { KINDS, type Shape } from '../kinds'
import {
  oneVersion,
  samplePage,
  type Dataset,
  type ImageSample,
  type RecordSample,
  type RowSample,
  type Sample,
  type VersionDetail,
} from '../queries'
import { FacetsDrawer } from '../search/FacetsDrawer'
import { searchPage } from '../search/queries'
import { SearchBar, useIndex } from '../search/SearchBar'
import { text as searchText } from '../search/text'
import { ViewDialog } from '../views/ViewDialog'
import { labelColours, useSeriesColours } from './colours'
import { Gallery } from './Gallery'
import { usePreviewState, type PreviewState } from './previewState'
import { Records } from './Records'
import { Rows } from './Rows'
import { text } from './text'

const SIZES: Record<Shape, readonly [number, ...number[]]> = {
  image: [24, 48, 96],
  record: [10, 20, 50],
  row: [20, 50, 100],
  file: [20, 50, 100],
}

interface Props {
  dataset: Dataset
  number: number
}

/** Samples of one version, a page at a time; any page can be reached. */
export function PreviewTab({ dataset, number }: Props) {
  const t = useText(text)
  const words = useText(searchText)
  const { shape } = KINDS[dataset.kind]
  const state = usePreviewState(SIZES[shape][0])
  const [boxes, setBoxes] = useState(true)
  const detail = useQuery(oneVersion(dataset.id, number))
  const [facets, setFacets] = useState(false)
  const [saving, setSaving] = useState(false)
  const { page, size, label, status, q, order } = state
  const on = state.on && dataset.preview
  const index = useIndex(dataset.id, number)
  const searching = q !== '' || order !== ''
  const at = { offset: (page - 1) * size, limit: size }
  const listed = useQuery({
    ...samplePage(dataset.id, number, { ...at, status, ...(label ? { label } : {}) }),
    enabled: on && !searching,
  })
  const found = useQuery({
    ...searchPage(dataset.id, number, { ...at, q, order }),
    enabled: on && searching && index.ready,
  })
  const query = searching ? found : listed
  return (
    <Panel flush>
      {on ? (
        <SearchBar
          id={dataset.id}
          number={number}
          state={state}
          onFacets={() => setFacets(true)}
          onSave={() => setSaving(true)}
        />
      ) : null}
      {index.percent === null ? null : (
        <Alert type="info" title={words('prepare', { percent: index.percent })} banner />
      )}
      <FacetsDrawer
        id={dataset.id}
        number={number}
        state={state}
        ready={index.ready}
        open={facets}
        onClose={() => setFacets(false)}
      />
      <ViewDialog
        dataset={dataset}
        number={number}
        query={saving ? q : null}
        onClose={() => setSaving(false)}
      />
      <div className="sw-toolbar datasets-preview-bar">
        <Filters
          shape={shape}
          state={state}
          version={detail.data}
          boxes={shape === 'image' && dataset.kind !== 'image_classification' ? boxes : null}
          onBoxes={setBoxes}
        />
        <label className="datasets-switch">
          <Switch
            size="small"
            checked={on}
            disabled={!dataset.preview}
            onChange={(checked) => state.change({ preview: checked ? null : 'off' })}
          />
          {t('show')}
        </label>
      </div>
      {!on ? (
        <EmptyState
          icon={<EyeInvisibleOutlined aria-hidden />}
          title={t('hidden')}
          hint={dataset.preview ? t('hiddenHint') : t('switchedOff')}
        />
      ) : query.error !== null ? (
        <div className="sw-pad">
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </div>
      ) : query.data === undefined ? (
        <div className="sw-pad">
          <Skeleton active />
        </div>
      ) : query.data.total === 0 ? (
        <EmptyState
          title={t('none')}
          hint={t('noneHint')}
          action={
            <Button
              onClick={() => state.change({ label: null, status: null, q: null, order: null })}
            >
              {t('clear')}
            </Button>
          }
        />
      ) : (
        <>
          <Samples
            samples={query.data.items}
            dataset={dataset}
            number={number}
            state={state}
            version={detail.data}
            boxes={boxes}
          />
          <Pages total={query.data.total} shape={shape} state={state} />
        </>
      )}
    </Panel>
  )
}

interface FilterProps {
  shape: Shape
  state: PreviewState
  version: VersionDetail | undefined
  boxes: boolean | null
  onBoxes: (on: boolean) => void
}

function Filters({ shape, state, version, boxes, onBoxes }: FilterProps): ReactNode {
  const t = useText(text)
  if (shape === 'record') {
    return (
      <Segmented
        value={state.raw ? 'raw' : 'conversation'}
        options={[
          { value: 'conversation', label: t('conversation') },
          { value: 'raw', label: t('raw') },
        ]}
        onChange={(view) => state.change({ view: view === 'raw' ? 'raw' : null })}
      />
    )
  }
  if (shape !== 'image') return <span />
  const all = version?.sample_count
  const done = version?.labelled_count
  const counted = (words: string, count: number | undefined) =>
    count === undefined ? words : `${words} ${count}`
  return (
    <span className="sw-filters">
      <Segmented
        value={state.status}
        options={[
          { value: 'all', label: counted(t('all'), all) },
          { value: 'labelled', label: counted(t('labelled'), done) },
          {
            value: 'unlabelled',
            label: counted(t('unlabelled'), all === undefined ? all : all - (done ?? 0)),
          },
        ]}
        onChange={(status) =>
          state.change({ status: status === 'all' ? null : status, label: null })
        }
      />
      {version && version.label_distribution.length > 0 ? (
        <LabelSelect version={version} state={state} />
      ) : null}
      {boxes === null ? null : (
        <label className="datasets-switch">
          <Switch size="small" checked={boxes} onChange={onBoxes} />
          {t('boxes')}
        </label>
      )}
    </span>
  )
}

function LabelSelect({ version, state }: { version: VersionDetail; state: PreviewState }) {
  const t = useText(text)
  const colours = labelColours(version, useSeriesColours())
  return (
    <Select<string>
      aria-label={t('label')}
      value={state.label ?? ''}
      style={{ minWidth: 168 }}
      popupMatchSelectWidth={false}
      showSearch={{ optionFilterProp: 'name' }}
      onChange={(label) => state.change({ label: label || null, status: null })}
      options={[
        { value: '', name: '', label: t('anyLabel') },
        ...version.label_distribution.map(({ name, count }) => ({
          value: name,
          name,
          label: (
            <span className="datasets-label">
              <i style={{ background: colours.get(name) }} />
              {name} <span className="sw-faint sw-num">{count}</span>
            </span>
          ),
        })),
      ]}
    />
  )
}

interface SamplesProps extends Props {
  samples: readonly Sample[]
  state: PreviewState
  version: VersionDetail | undefined
  boxes: boolean
}

function Samples({ samples, dataset, number, state, version, boxes }: SamplesProps) {
  switch (KINDS[dataset.kind].shape) {
    case 'image':
      return (
        <Gallery images={samples.filter(isImage)} state={state} version={version} boxes={boxes} />
      )
    case 'record':
      return (
        <Records
          records={samples.filter(isRecord)}
          datasetId={dataset.id}
          number={number}
          raw={state.raw}
        />
      )
    case 'row':
      return <Rows rows={samples.filter(isRow)} columns={version?.statistics.columns ?? []} />
    case 'file':
      return null
  }
}

const isImage = (sample: Sample): sample is ImageSample => sample.kind === 'image'
const isRecord = (sample: Sample): sample is RecordSample => sample.kind === 'record'
const isRow = (sample: Sample): sample is RowSample => sample.kind === 'row'

function Pages({ total, shape, state }: { total: number; shape: Shape; state: PreviewState }) {
  const t = useText(text)
  return (
    <footer className="sw-pager">
      <span className="sw-faint sw-num">
        {t('page', {
          from: (state.page - 1) * state.size + 1,
          to: Math.min(state.page * state.size, total),
          total,
        })}
      </span>
      <Pagination
        size="small"
        current={state.page}
        pageSize={state.size}
        pageSizeOptions={[...SIZES[shape]]}
        total={total}
        showSizeChanger
        showQuickJumper={total > 5 * state.size}
        onChange={(page, size) =>
          state.change(
            size === state.size
              ? { page: page === 1 ? null : String(page) }
              : { size: String(size) },
          )
        }
      />
    </footer>
  )
}
