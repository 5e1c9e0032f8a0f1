import { DeploymentUnitOutlined, ImportOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { EditModelDialog } from './EditModelDialog'
import { Metrics } from './Metrics'
import './models.css'
import { modelList, useVersionsOfModels, type Model } from './queries'
import { text } from './text'
import { useModelActions } from './useModelActions'
import { VersionTable } from './VersionTable'

export function ModelsPage() {
  const t = useText(text)
  const list = useListState({ filters: ['tag', 'mine'] })
  const query = useQuery(modelList(list.params))
  const [editing, setEditing] = useState<Model | null>(null)
  useVersionsOfModels()
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={<ImportButton />}
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(model) => model.id}
        rowName={(model) => model.name}
        columns={useModelColumns()}
        actions={useModelActions(setEditing)}
        expandedRow={(model) => <VersionTable modelId={model.id} />}
        filters={[
          { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
          { kind: 'switch', key: 'mine', label: t('mine') },
        ]}
        empty={
          <EmptyState
            icon={<DeploymentUnitOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={
              <span className="sw-row">
                <ImportButton />
                <Link to="/training">{t('empty.train')}</Link>
              </span>
            }
          />
        }
      />
      <EditModelDialog model={editing} onClose={() => setEditing(null)} />
    </>
  )
}

function ImportButton() {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <ActionButton
      action={{
        key: 'import',
        label: t('import'),
        icon: <ImportOutlined aria-hidden />,
        primary: true,
        blocked: useMay()('model:version:create') ? null : t('mayNotWrite'),
        run: () => void navigate('/models/new'),
      }}
    />
  )
}

function useModelColumns(): Column<Model>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: ({ id, name }) => (
        <span className="sw-name">
          <Link to={`/models/${id}`}>{name}</Link>
          <small className="sw-mono">{id}</small>
        </span>
      ),
    },
    {
      key: 'newest',
      title: t('newest'),
      render: ({ newest }) =>
        newest === null ? (
          <span className="sw-faint">–</span>
        ) : (
          <span className="sw-row">
            <Link to={`/models/versions/${newest.id}`}>{newest.version}</Link>
            <StatusTag state={newest.state} reason={newest.reason || null} />
          </span>
        ),
    },
    {
      key: 'versions',
      title: t('versions'),
      align: 'right',
      render: ({ version_count: count }) => <span className="sw-num">{count}</span>,
    },
    { key: 'format', title: t('format'), render: ({ newest }) => newest?.format ?? '–' },
    {
      key: 'metrics',
      title: t('metrics'),
      render: ({ newest }) => (newest === null ? '–' : <Metrics version={newest} />),
    },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={2} /> },
    { key: 'creator', title: t('creator'), render: ({ creator }) => creator },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (model) => <TimeText value={model.created_at} />,
    },
  ]
}
