import { PlusOutlined, ThunderboltOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { systemQuery, useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ActionButton, Actions, type Action } from '@/ui/actions'
import { EmptyState } from '@/ui/EmptyState'
import type { Filter } from '@/ui/FilterBar'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { stateLabel } from '@/ui/states'
import { useTaskActions } from './actions'
import { useTaskColumns } from './columns'
import { groupList } from '../resources/queries'
import { CompareButton } from './compare/CompareButton'
import { PublishDialog } from './PublishDialog'
import { taskList, type Task } from './queries'
import { TensorBoardDialog } from './tensorboard/TensorBoardDialog'
import { text } from './text'
import './training.css'

const STATES = [
  'Submitting',
  'Queued',
  'Starting',
  'Running',
  'Completed',
  'Abnormal',
  'Stopping',
  'Stopped',
]

export function TasksPage() {
  const t = useText(text)
  const list = useListState({ filters: ['state', 'site', 'tag', 'mine'] })
  const query = useQuery(taskList(list.params))
  const [publishing, setPublishing] = useState<Task | null>(null)
  const [board, setBoard] = useState<Task | null>(null)
  const [selected, setSelected] = useState<string[]>([])
  const create = useCreateAction()
  const template = useTemplateAction()
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={<ActionButton action={create} />}
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(task) => task.id}
        rowName={(task) => task.name}
        columns={useTaskColumns()}
        filters={useTaskFilters()}
        actions={useTaskActions({
          onPublish: setPublishing,
          onBoard: setBoard,
          withMetrics: true,
        })}
        selected={selected}
        onSelect={setSelected}
        bulk={<CompareButton ids={selected} />}
        empty={
          <EmptyState
            icon={<ThunderboltOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={<Actions actions={[create, template]} />}
          />
        }
      />
      <PublishDialog task={publishing} checkpoint={null} onClose={() => setPublishing(null)} />
      <TensorBoardDialog task={board} onClose={() => setBoard(null)} />
    </>
  )
}

function useCreateAction(): Action {
  const t = useText(text)
  const navigate = useNavigate()
  return {
    key: 'new',
    label: t('new'),
    icon: <PlusOutlined aria-hidden />,
    primary: true,
    blocked: useMay()('train:task:create') ? null : t('mayNot'),
    run: () => void navigate('/training/new'),
  }
}

function useTemplateAction(): Action {
  const t = useText(text)
  const navigate = useNavigate()
  return {
    key: 'template',
    label: t('new.template'),
    blocked: useMay()('train:task:create') ? null : t('mayNot'),
    run: () => void navigate('/training/new?template=llm-pretrain-tiny'),
  }
}

function useTaskFilters(): Filter[] {
  const t = useText(text)
  const [language] = usePreference('language')
  const sites = useSites()
  return [
    {
      kind: 'choice',
      key: 'state',
      label: t('state'),
      options: STATES.map((value) => ({ value, label: stateLabel(value, language) })),
    },
    // With one site there is nothing to choose.
    ...(sites.length > 1 ? [siteFilter(t('site'), sites)] : []),
    { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
    { kind: 'switch', key: 'mine', label: t('mine') },
  ]
}

function siteFilter(label: string, sites: string[]): Filter {
  return {
    kind: 'choice',
    key: 'site',
    label,
    options: sites.map((value) => ({ value, label: value })),
  }
}

/** This site, and those that resource groups were made at. */
function useSites(): string[] {
  const here = useQuery(systemQuery).data?.site
  const groups = useQuery(groupList()).data?.items ?? []
  return [...new Set([...(here ? [here] : []), ...groups.map((group) => group.site)])].sort()
}
