import { AimOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { formatMetric } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ActionButton, Actions, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import type { Filter } from '@/ui/FilterBar'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { stateLabel } from '@/ui/states'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { useSearchActions } from './actions'
import { PublishBest } from './PublishBest'
import { searchList, type Search } from './queries'
import { text } from './text'
import '@/features/training/training.css'
import './tuning.css'

const STATES = ['Running', 'Completed', 'Abnormal', 'Stopping', 'Stopped']

export function SearchesPage() {
  const t = useText(text)
  const list = useListState({ filters: ['state', 'tag', 'mine'] })
  const query = useQuery(searchList(list.params))
  const [publishing, setPublishing] = useState<Search | null>(null)
  const create = useCreateAction()
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={<ActionButton action={create} />}
        list={list}
        query={query}
        searchHint={t('search')}
        rowKey={(search) => search.id}
        rowName={(search) => search.name}
        columns={useColumns()}
        filters={useFilters()}
        actions={useSearchActions({ onPublish: setPublishing })}
        empty={
          <EmptyState
            icon={<AimOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={<Actions actions={[create]} />}
          />
        }
      />
      <PublishBest search={publishing} onClose={() => setPublishing(null)} />
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
    blocked: useMay()('train:search:create') ? null : t('mayNot'),
    run: () => void navigate('/searches/new'),
  }
}

function useColumns(): Column<Search>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: (search) => (
        <span className="sw-name">
          <Link to={`/searches/${search.id}`}>{search.name}</Link>
          <small>{search.id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason} />,
    },
    { key: 'method', title: t('method'), render: ({ method }) => t(`method.${method}`) },
    {
      key: 'trials',
      title: t('trials'),
      align: 'right',
      render: (search) => <span className="sw-num">{trialWords(search, t)}</span>,
    },
    {
      key: 'best',
      title: t('best'),
      render: ({ metric, best_value: best }) => (
        <span className="sw-name">
          {best === null ? <span className="sw-faint">–</span> : formatMetric(best)}
          <small>{metric}</small>
        </span>
      ),
    },
    { key: 'tags', title: t('tag'), render: ({ tags }) => <Tags tags={tags} max={2} /> },
    { key: 'creator', title: t('creator'), render: ({ creator }) => creator },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (search) => <TimeText value={search.created_at} />,
    },
  ]
}

function trialWords(
  { trials, max_trials: all }: Search,
  t: (key: 'trials.of', v: Record<string, number>) => string,
) {
  const open = ['Planned', 'Running', 'Pruning']
  const done = Object.entries(trials).reduce(
    (sum, [state, count]) => (open.includes(state) ? sum : sum + count),
    0,
  )
  return t('trials.of', { done, all })
}

function useFilters(): Filter[] {
  const t = useText(text)
  const [language] = usePreference('language')
  const options = STATES.map((value) => ({ value, label: stateLabel(value, language) }))
  return [
    { kind: 'choice', key: 'state', label: t('state'), options },
    { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
    { kind: 'switch', key: 'mine', label: t('mine') },
  ]
}
