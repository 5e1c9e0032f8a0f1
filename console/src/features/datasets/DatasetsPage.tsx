import { DatabaseOutlined, PlusOutlined, ShareAltOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { stateLabel } from '@/ui/states'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import './datasets.css'
import { ParseLink } from '@/features/labelling/schema/ParseState'
import { EditDialog } from './EditDialog'
import { ALL_KINDS } from './kinds'
import { PublishDialog } from './PublishDialog'
import { datasetList, type Dataset } from './queries'
import { KindName, Labelled, Samples } from './Samples'
import { AddSharedDialog } from './sharing/AddSharedDialog'
import { text as sharingText } from './sharing/text'
import { text } from './text'
import { useDatasetActions } from './useDatasetActions'

const STATES = ['available', 'importing', 'failed', 'unavailable'] as const

export function DatasetsPage() {
  const t = useText(text)
  const [language] = usePreference('language')
  const list = useListState({ filters: ['kind', 'state', 'tag', 'mine'] })
  const query = useQuery(datasetList(list.params))
  const [publishing, setPublishing] = useState<Dataset | null>(null)
  const [editing, setEditing] = useState<Dataset | null>(null)
  const actions = useDatasetActions({ onPublish: setPublishing, onEdit: setEditing })
  const create = <CreateButton />
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={
          <>
            <AddSharedButton />
            {create}
          </>
        }
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(dataset) => dataset.id}
        rowName={(dataset) => dataset.name}
        columns={useDatasetColumns()}
        actions={actions}
        filters={[
          {
            kind: 'choice',
            key: 'kind',
            label: t('kind'),
            options: ALL_KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
          },
          {
            kind: 'choice',
            key: 'state',
            label: t('state'),
            options: STATES.map((state) => ({ value: state, label: stateLabel(state, language) })),
          },
          { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
          { kind: 'switch', key: 'mine', label: t('mine') },
        ]}
        empty={
          <EmptyState
            icon={<DatabaseOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={create}
          />
        }
      />
      <PublishDialog dataset={publishing} onClose={() => setPublishing(null)} />
      <EditDialog dataset={editing} onClose={() => setEditing(null)} />
    </>
  )
}

function AddSharedButton() {
  const t = useText(text)
  const h = useText(sharingText)
  const [open, setOpen] = useState(false)
  return (
    <>
      <ActionButton
        action={{
          key: 'shared',
          label: h('add'),
          icon: <ShareAltOutlined aria-hidden />,
          blocked: useMay()('data:dataset:create') ? null : t('mayNotWrite'),
          run: () => setOpen(true),
        }}
      />
      <AddSharedDialog open={open} onClose={() => setOpen(false)} />
    </>
  )
}

function CreateButton() {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <ActionButton
      action={{
        key: 'new',
        label: t('new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: useMay()('data:dataset:create') ? null : t('mayNotWrite'),
        run: () => void navigate('/datasets/new'),
      }}
    />
  )
}

function useDatasetColumns(): Column<Dataset>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: (dataset) => (
        <span className="sw-name">
          <Link to={`/datasets/${dataset.id}`}>{dataset.name}</Link>
          <small className="sw-mono">{dataset.id}</small>
        </span>
      ),
    },
    { key: 'kind', title: t('kind'), render: ({ kind }) => <KindName kind={kind} /> },
    {
      key: 'state',
      title: t('state'),
      render: (dataset) => (
        <span className="sw-name">
          <DatasetState dataset={dataset} />
          <ParseLink dataset={dataset} />
        </span>
      ),
    },
    {
      key: 'samples',
      title: t('samples'),
      align: 'right',
      render: ({ sample_count: count, unit, latest_version: latest }) =>
        latest === null ? (
          <span className="sw-faint">–</span>
        ) : (
          <span className="sw-name">
            <Samples count={count} unit={unit} />
            <small>v{latest}</small>
          </span>
        ),
    },
    {
      key: 'labelled',
      title: t('labelled'),
      render: ({ kind, labelled_count: done, sample_count: total }) => (
        <Labelled kind={kind} done={done} total={total} />
      ),
    },
    {
      key: 'labels',
      title: t('labels'),
      render: ({ labels }) => <Labels labels={labels} max={1} />,
    },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={1} /> },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (dataset) => <TimeText value={dataset.created_at} />,
    },
  ]
}

/** A dataset that stays available while a further version is imported, or after it failed, says so. */
export function DatasetState({ dataset }: { dataset: Dataset }) {
  const { state, reason, progress_percent: percent, newest } = dataset
  const importing = state === 'importing'
  const aside = state === 'available' && newest !== null && newest.state !== 'available'
  return (
    <span className="sw-row">
      <StatusTag
        state={state}
        reason={importing ? null : reason}
        percent={importing ? percent : null}
      />
      {aside ? (
        <span className="datasets-aside">
          {newest.name} <StatusTag state={newest.state} reason={newest.reason} percent={percent} />
        </span>
      ) : null}
    </span>
  )
}

export function Labels({ labels, max = 2 }: { labels: readonly string[]; max?: number }) {
  if (labels.length === 0) return <span className="sw-faint">–</span>
  const rest = labels.slice(max)
  return (
    <span className="sw-tags">
      {labels.slice(0, max).map((label) => (
        <Tag key={label} variant="outlined">
          {label}
        </Tag>
      ))}
      {rest.length > 0 ? (
        <Tag variant="outlined" title={rest.join('\n')}>
          +{rest.length}
        </Tag>
      ) : null}
    </span>
  )
}
