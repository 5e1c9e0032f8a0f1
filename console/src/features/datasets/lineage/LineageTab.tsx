import { DatabaseOutlined, FolderOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { api, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import { defineText, useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { FactsSkeleton } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { placePath } from '../place/address'
import type { Dataset } from '../queries'

export const text = defineText(
  'datasets-lineage',
  {
    lineage: 'Lineage',
    title: 'From the source to the models',
    source: 'Source',
    versions: 'Versions',
    tasks: 'Training tasks',
    models: 'Models',
    labelled: 'labelled from v{{base}}',
    restored: 'restored from v{{base}}',
    noTasks: 'No task has read this dataset yet.',
    noModels: 'No model was made of it yet.',
    reads: 'reads {{versions}}',
    from: 'from {{task}}',
  },
  {
    lineage: '血缘',
    title: '从数据来源到模型',
    source: '数据来源',
    versions: '版本',
    tasks: '训练任务',
    models: '模型',
    labelled: '由 v{{base}} 标注',
    restored: '由 v{{base}} 恢复',
    noTasks: '还没有任务读取此数据集。',
    noModels: '还没有由它得到的模型。',
    reads: '读取 {{versions}}',
    from: '来自 {{task}}',
  },
)

type Lineage = Schema<'DatasetLineageView'>

const lineageOf = (id: string) =>
  oneQuery('dataset', id, 'lineage', (signal) =>
    call(
      api.GET('/api/v1/training/datasets/{dataset_id}/lineage', {
        params: { path: { dataset_id: id } },
        signal,
      }),
    ),
  )

/** Four columns: where the data lies, its versions, the tasks that read them, the models they made. */
export function LineageTab({ dataset }: { dataset: Dataset }) {
  const t = useText(text)
  const query = useQuery(lineageOf(dataset.id))
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  if (query.data === undefined) return <FactsSkeleton />
  return (
    <Panel title={t('title')}>
      <div className="datasets-lineage">
        <Stage title={t('source')}>
          <Source address={query.data.address} />
        </Stage>
        <Stage title={t('versions')}>
          <Versions dataset={dataset} versions={query.data.versions} />
        </Stage>
        <Stage title={t('tasks')}>
          <Tasks id={dataset.id} steps={query.data.steps} />
        </Stage>
        <Stage title={t('models')}>
          <Models steps={query.data.steps} />
        </Stage>
      </div>
    </Panel>
  )
}

function Stage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  )
}

function Source({ address }: { address: string }) {
  const shared = address.startsWith('shared:')
  return (
    <li>
      <FolderOutlined aria-hidden />{' '}
      {shared ? <code>{address}</code> : <Link to={placePath(address)}>{address}</Link>}
    </li>
  )
}

function Versions({ dataset, versions }: { dataset: Dataset; versions: Lineage['versions'] }) {
  const t = useText(text)
  return versions.map(({ number, base, labelled }) => (
    <li key={number}>
      <DatabaseOutlined aria-hidden />{' '}
      <Link to={`/datasets/${dataset.id}?v=${number}`}>{`${dataset.name} v${number}`}</Link>
      {base === null ? null : (
        <small className="sw-faint">{t(labelled ? 'labelled' : 'restored', { base })}</small>
      )}
    </li>
  ))
}

function Tasks({ id, steps }: { id: string; steps: Lineage['steps'] }) {
  const t = useText(text)
  if (steps.length === 0) return <li className="sw-faint">{t('noTasks')}</li>
  return steps.map(({ task_id: task, task_name: name, inputs }) => {
    const read = inputs.filter(({ kind, source }) => kind === 'dataset' && source === id)
    const versions = read.map(({ version }) => version ?? '').join(', ')
    return (
      <li key={task}>
        <Link to={`/training/${task}`}>{name}</Link>
        <small className="sw-faint">{t('reads', { versions })}</small>
      </li>
    )
  })
}

function Models({ steps }: { steps: Lineage['steps'] }) {
  const t = useText(text)
  const made = steps.flatMap(({ task_name: task, outputs }) =>
    outputs.map((output) => ({ ...output, task })),
  )
  if (made.length === 0) return <li className="sw-faint">{t('noModels')}</li>
  return made.map(({ version_id: id, model_name: name, version, task }) => (
    <li key={id}>
      <Link to={`/models/versions/${id}`}>{`${name} ${version}`}</Link>
      <small className="sw-faint">{t('from', { task })}</small>
    </li>
  ))
}
