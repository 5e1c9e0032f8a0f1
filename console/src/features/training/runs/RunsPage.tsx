import { ExperimentOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import type { Filter } from '@/ui/FilterBar'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { CompareButton } from '../compare/CompareButton'
import { RunTime } from '../RunTime'
import { text } from '../text'
import '../training.css'
import { useRunActions } from './actions'
import { experimentList, runList, type Run } from './queries'
import { runsText } from './text'

/** Runs that were not started here, but reported from elsewhere. */
export function RunsPage() {
  const t = useText(runsText)
  const list = useListState({ filters: ['experiment', 'mine'] })
  const query = useQuery(runList(list.params))
  const [selected, setSelected] = useState<string[]>([])
  return (
    <ListPage
      title={t('title')}
      description={t('lead')}
      list={list}
      query={query}
      searchHint={t('search')}
      rowKey={(run) => run.id}
      rowName={(run) => run.name}
      columns={useColumns()}
      filters={useFilters()}
      actions={useRunActions()}
      selected={selected}
      onSelect={setSelected}
      bulk={<CompareButton ids={selected} />}
      empty={
        <EmptyState
          icon={<ExperimentOutlined aria-hidden />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={
            <div className="training-sample">
              <CodeBlock samples={[{ language: 'Shell', code: sample() }]} />
            </div>
          }
        />
      }
    />
  )
}

const sample = () => `export MLFLOW_TRACKING_URI=${window.location.origin}/mlflow
export MLFLOW_TRACKING_TOKEN=...   # slipway key create --kind token
python train.py                    # mlflow.log_metric("loss", loss, step=step)`

function useColumns(): Column<Run>[] {
  const t = useText(runsText)
  const words = useText(text)
  return [
    {
      key: 'name',
      title: words('name'),
      sortBy: 'name',
      render: (run) => (
        <span className="sw-name">
          <Link to={`/runs/${run.id}`}>{run.name}</Link>
          <small>{run.id}</small>
        </span>
      ),
    },
    { key: 'state', title: words('state'), render: (run) => <StatusTag state={run.state} /> },
    { key: 'experiment', title: t('experiment'), render: (run) => run.experiment },
    {
      key: 'runTime',
      title: t('runTime'),
      align: 'right',
      render: (run) => <RunTime task={run} />,
    },
    { key: 'creator', title: words('creator'), render: (run) => run.creator },
    {
      key: 'created',
      title: t('started'),
      sortBy: 'created_at',
      render: (run) => <TimeText value={run.started_at} />,
    },
  ]
}

function useFilters(): Filter[] {
  const t = useText(runsText)
  const words = useText(text)
  const experiments = useQuery(experimentList()).data?.items ?? []
  const options = experiments.map(({ id, name }) => ({ value: id, label: name }))
  return [
    { kind: 'choice', key: 'experiment', label: t('experiment'), options },
    { kind: 'switch', key: 'mine', label: words('mine') },
  ]
}
