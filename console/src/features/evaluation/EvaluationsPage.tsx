import { BarChartOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Progress } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ActionButton, Actions, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import type { Filter } from '@/ui/FilterBar'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { Duration } from '@/ui/Quantity'
import { stateLabel } from '@/ui/states'
import { StatusTag } from '@/ui/StatusTag'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { useEvaluationActions } from './actions'
import { evaluationList, isActive, type Evaluation } from './queries'
import { text } from './text'
import './evaluation.css'

const STATES = ['Queued', 'Starting', 'Inferring', 'Completed', 'Stopping', 'Stopped', 'Failed']

export function EvaluationsPage() {
  const t = useText(text)
  const list = useListState({ filters: ['state', 'tag', 'mine'] })
  const query = useQuery(evaluationList(list.params))
  const create = useCreateAction()
  const compare = useCompareAction()
  return (
    <ListPage
      title={t('title')}
      description={t('lead')}
      primary={<Actions actions={[compare, create]} />}
      list={list}
      query={query}
      searchHint={t('search')}
      rowKey={({ id }) => id}
      rowName={({ name }) => name}
      columns={useColumns()}
      filters={useFilters()}
      actions={useEvaluationActions()}
      empty={
        <EmptyState
          icon={<BarChartOutlined aria-hidden />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={<ActionButton action={create} />}
        />
      }
    />
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
    blocked: useMay()('eval:task:create') ? null : t('mayNot'),
    run: () => void navigate('/evaluations/new'),
  }
}

function useCompareAction(): Action {
  const t = useText(text)
  const navigate = useNavigate()
  return {
    key: 'compare',
    label: t('compare'),
    icon: <BarChartOutlined aria-hidden />,
    run: () => void navigate('/evaluations/compare'),
  }
}

function useFilters(): Filter[] {
  const t = useText(text)
  const [language] = usePreference('language')
  return [
    {
      kind: 'choice',
      key: 'state',
      label: t('state'),
      options: STATES.map((value) => ({ value, label: stateLabel(value, language) })),
    },
    { kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') },
    { kind: 'switch', key: 'mine', label: t('mine') },
  ]
}

function useColumns(): Column<Evaluation>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: ({ id, name }) => (
        <span className="sw-name">
          <Link to={`/evaluations/${id}`}>{name}</Link>
          <small>{id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, reason }) => <StatusTag state={state} reason={reason || null} />,
    },
    {
      key: 'progress',
      title: t('progress'),
      width: 150,
      render: (one) => (
        <Progress
          className="evaluation-bar"
          size="small"
          percent={Math.floor(one.percent)}
          status={isActive(one) ? 'active' : 'normal'}
        />
      ),
    },
    { key: 'models', title: t('models'), render: ({ models }) => <Names of={models} /> },
    { key: 'sets', title: t('sets'), render: ({ sets }) => <Names of={sets} /> },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={2} /> },
    {
      key: 'time',
      title: t('runTime'),
      align: 'right',
      render: ({ run_time_s }) => <Duration seconds={run_time_s} />,
    },
    { key: 'creator', title: t('creator'), render: ({ creator }) => creator },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: ({ created_at }) => <TimeText value={created_at} />,
    },
  ]
}

function Names({ of }: { of: readonly string[] }) {
  const shown = of.slice(0, 2).join(', ')
  return (
    <span className="evaluation-names" title={of.join('\n')}>
      {of.length > 2 ? `${shown} +${of.length - 2}` : shown}
    </span>
  )
}
