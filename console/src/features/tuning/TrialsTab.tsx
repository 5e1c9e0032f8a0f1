import { Pagination, Tag } from 'antd'
import { useMemo, useState } from 'react'
import { Link } from 'react-router'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { RunTime } from '@/features/training/RunTime'
import { LineChart, ParallelChart } from '@/ui/charts/Chart'
import { DataTable, type Column } from '@/ui/DataTable'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import type { SearchDetail, SearchTrial } from './queries'
import { text } from './text'
import { bestSoFar, parallelOf, sortTrials } from './trials'

const PAGE = 50

/** Curves over the trials, and all of them in a table. */
export function TrialsTab({ search }: { search: SearchDetail }) {
  return (
    <div className="sw-stack">
      {search.trial_list.some(({ value }) => value !== null) ? <Charts search={search} /> : null}
      <TrialsTable search={search} />
    </div>
  )
}

function Charts({ search }: { search: SearchDetail }) {
  const t = useText(text)
  const lines = useMemo(() => parallelOf(search), [search])
  const curve = useMemo(
    () => [
      { name: t('curve.best'), points: bestSoFar(search.trial_list, search.direction) },
      {
        name: t('curve.each'),
        secondary: true,
        points: search.trial_list.flatMap(({ number, value }) =>
          value === null ? [] : [[number, value] as const],
        ),
      },
    ],
    [search, t],
  )
  return (
    <>
      <Panel title={t('plot')}>
        <ParallelChart
          label={t('plot')}
          {...lines}
          best={search.direction === 'minimize' ? 'low' : 'high'}
        />
        <p className="sw-faint tuning-hint">{t('plot.hint')}</p>
      </Panel>
      <Panel title={`${t('curve')}: ${search.metric}`}>
        <LineChart label={t('curve')} series={curve} xAxis="number" xName={t('curve.x')} />
      </Panel>
    </>
  )
}

function TrialsTable({ search }: { search: SearchDetail }) {
  const t = useText(text)
  const [order, setOrder] = useState('number')
  const [page, setPage] = useState(1)
  const sorted = useMemo(() => sortTrials(search.trial_list, order), [search, order])
  const pages = Math.max(Math.ceil(sorted.length / PAGE), 1)
  const at = Math.min(page, pages)
  return (
    <Panel title={t('trials')} flush>
      <DataTable<SearchTrial>
        label={t('trials')}
        rows={sorted.slice((at - 1) * PAGE, at * PAGE)}
        rowKey={({ number }) => String(number)}
        columns={useColumns(search)}
        order={order}
        onOrder={setOrder}
        empty={<p className="sw-faint">{t('noTrials')}</p>}
      />
      {pages > 1 ? (
        <Pagination
          className="sw-pad"
          size="small"
          align="end"
          showSizeChanger={false}
          current={at}
          pageSize={PAGE}
          total={sorted.length}
          onChange={setPage}
        />
      ) : null}
    </Panel>
  )
}

function useColumns(search: SearchDetail): Column<SearchTrial>[] {
  const t = useText(text)
  const parameters = search.space.map(({ name }): Column<SearchTrial> => ({
    key: `p:${name}`,
    title: <span className="sw-mono">{name}</span>,
    sortBy: `p:${name}`,
    align: 'right',
    render: ({ parameters: given }) => <span className="sw-num">{written(given[name])}</span>,
  }))
  return [
    {
      key: 'number',
      title: t('trial'),
      sortBy: 'number',
      render: ({ number, task_id: id, task_state: exists }) => {
        const name = `${search.name}-${number}`
        return (
          <span className="tuning-trial">
            {exists === null ? name : <Link to={`/training/${id}`}>{name}</Link>}
            {number === search.best_number ? <Tag color="success">{t('isBest')}</Tag> : null}
          </span>
        )
      },
    },
    {
      key: 'state',
      title: t('state'),
      sortBy: 'state',
      render: (trial) => <StatusTag state={stateOf(trial)} reason={trial.reason} />,
    },
    {
      key: 'value',
      title: <span className="sw-mono">{search.metric}</span>,
      sortBy: 'value',
      align: 'right',
      render: ({ value }) => (
        <span className="sw-num">{value === null ? '–' : formatMetric(value)}</span>
      ),
    },
    ...parameters,
    {
      key: 'run_time',
      title: t('runTime'),
      sortBy: 'run_time',
      align: 'right',
      render: (trial) => <RunTime task={trial} />,
    },
    {
      key: 'reason',
      title: t('reason'),
      render: ({ reason }) => (reason === '' ? null : <Sentence of={reason} />),
    },
  ]
}

/** While its task goes on, the task's own state says more. */
function stateOf({ state, task_state: task }: SearchTrial): string {
  return state === 'Running' && task !== null ? task : state
}

function written(value: string | number | boolean | undefined): string {
  return typeof value === 'number' ? formatMetric(value) : String(value ?? '–')
}
