import { PlusOutlined, TagsOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
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
import { Done } from './Done'
import './labelling.css'
import { PublishDialog } from './PublishDialog'
import { taskList, type Task } from './queries'
import { text } from './text'
import { useTaskActions } from './useTaskActions'

const KINDS = ['classification', 'detection', 'tracking', 'segmentation', 'ocr', 'records'] as const
const STATES = ['creating', 'created', 'failed'] as const

export function TasksPage() {
  const t = useText(text)
  const [language] = usePreference('language')
  const list = useListState({ filters: ['kind', 'state', 'tag', 'mine'] })
  const query = useQuery(taskList(list.params))
  const { actions, publishing, closePublishing } = useTaskActions()
  const create = <CreateButton />
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={create}
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(task) => task.id}
        rowName={(task) => task.name}
        columns={useColumns()}
        actions={actions}
        filters={[
          {
            kind: 'choice',
            key: 'kind',
            label: t('kind'),
            options: KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
          },
          {
            kind: 'choice',
            key: 'state',
            label: t('state'),
            options: STATES.map((state) => ({ value: state, label: stateLabel(state, language) })),
          },
          { kind: 'switch', key: 'mine', label: t('mine') },
        ]}
        empty={
          <EmptyState
            icon={<TagsOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={create}
          />
        }
      />
      <PublishDialog task={publishing} onClose={closePublishing} />
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
        blocked: useMay()('label:task:create') ? null : t('mayNotWrite'),
        run: () => void navigate('/labelling/new'),
      }}
    />
  )
}

function useColumns(): Column<Task>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: ({ id, name }) => (
        <span className="sw-name">
          <Link to={`/labelling/${id}`}>{name}</Link>
          <small className="sw-mono">{id}</small>
        </span>
      ),
    },
    {
      key: 'dataset',
      title: t('dataset'),
      render: ({ dataset_id: id, dataset_name: name, dataset_version: version }) => (
        <Link to={`/datasets/${id}?v=${version}`}>{`${name} (v${version})`}</Link>
      ),
    },
    { key: 'kind', title: t('kind'), render: ({ kind }) => t(`kind.${kind}`) },
    {
      key: 'format',
      title: t('format'),
      render: ({ label_format: format }) => t(`format.${format}`),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason} />,
    },
    { key: 'progress', title: t('progress'), render: (task) => <Done task={task} /> },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={1} /> },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (task) => <TimeText value={task.created_at} />,
    },
  ]
}
