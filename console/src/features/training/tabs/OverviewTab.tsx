import { FolderOpenOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Progress as ProgressBar } from 'antd'
import { Link } from 'react-router'
import { formatDuration, formatMetric } from '@/base/format'
import { useText, type KeyOf, type Translate } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { Facts, type Fact } from '@/ui/Facts'
import { CopyButton } from '@/ui/CopyButton'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { groupList } from '../../resources/queries'
import { amountWords } from '../amountWords'
import { EditableFacts } from '../EditableFacts'
import { formText } from '../form/text'
import { copiedValues } from '../form/values'
import { progressOf } from '../progress'
import { environmentList, type TaskDetail } from '../queries'
import { RunTime } from '../RunTime'
import { storageLink } from '../storageLink'
import { TaskLinks } from '../TaskLinks'
import { text } from '../text'
import { MountTable } from './MountTable'

/** What it is, how far it is, and how it was set up. */
export function OverviewTab({ task }: { task: TaskDetail }) {
  return (
    <div className="sw-stack">
      <ProgressPanel task={task} />
      <div className="training-columns">
        <FactsPanel task={task} />
        <RunPanel task={task} />
      </div>
      <ConfigurationPanel task={task} />
    </div>
  )
}

function ProgressPanel({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const progress = progressOf(task)
  if (progress === null || task.started_at === null) return null
  const { step, totalSteps, epoch, percent, etaSeconds, stepsPerSecond } = progress
  return (
    <Panel title={t('progress')}>
      <ProgressBar
        percent={Math.floor(percent * 10) / 10}
        status={task.state === 'Running' ? 'active' : 'normal'}
        strokeColor="var(--sw-brand)"
        aria-label={t('progress')}
      />
      <div className="training-progress">
        <span>{t('progress.step', { step, total: totalSteps })}</span>
        {epoch === null ? null : <span>{t('progress.epoch', { epoch: formatMetric(epoch) })}</span>}
        {stepsPerSecond === null ? null : (
          <span>{t('progress.speed', { speed: formatMetric(stepsPerSecond) })}</span>
        )}
        {etaSeconds === null ? null : (
          <strong>{t('progress.eta', { time: formatDuration(etaSeconds) })}</strong>
        )}
      </div>
    </Panel>
  )
}

function FactsPanel({ task }: { task: TaskDetail }) {
  const t = useText(text)
  return (
    <Panel title={t('facts')}>
      <EditableFacts task={task} />
      <Facts
        items={[
          { key: 'site', label: t('site'), value: task.site },
          { key: 'creator', label: t('creator'), value: task.creator },
          { key: 'restarts', label: t('restarts'), value: restartWords(task, t('none')) },
          ...(task.reschedules > 0
            ? [{ key: 'moves', label: t('reschedules'), value: String(task.reschedules) }]
            : []),
          { key: 'created', label: t('created'), value: <TimeText value={task.created_at} /> },
          { key: 'queued', label: t('queued'), value: <TimeText value={task.queued_at} /> },
          { key: 'started', label: t('started'), value: <TimeText value={task.started_at} /> },
          { key: 'ended', label: t('ended'), value: <TimeText value={task.ended_at} /> },
          { key: 'runTime', label: t('runTime'), value: <RunTime task={task} /> },
          { key: 'updated', label: t('updated'), value: <TimeText value={task.updated_at} /> },
        ]}
      />
    </Panel>
  )
}

function restartWords({ restarts, spec }: TaskDetail, none: string): string {
  const most = typeof spec.max_restarts === 'number' ? spec.max_restarts : 0
  return most === 0 ? none : `${restarts} / ${most}`
}

const LIMITS = ['health_check_s', 'hang_s', 'max_run_s', 'max_queue_s'] as const

function RunPanel({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const f = useText(formText)
  const { template, gpu_model, after, ...limits } = copiedValues(task)
  const optional: Fact[] = [
    ...(template === '' ? [] : [{ key: 'template', label: t('template'), value: template }]),
    ...LIMITS.flatMap((key) =>
      limits[key] === null
        ? []
        : [{ key, label: f(key), value: f('seconds', { seconds: limits[key] }) }],
    ),
    ...(after.length > 0
      ? [{ key: 'after', label: f('after'), value: <TaskLinks ids={after} /> }]
      : []),
    ...(gpu_model ? [{ key: 'gpu_model', label: t('gpuModel'), value: gpu_model }] : []),
  ]
  return (
    <Panel title={t('run')}>
      <Facts
        items={[
          {
            key: 'environment',
            label: t('environment'),
            value: <Environment id={task.environment} />,
          },
          { key: 'mode', label: t('mode'), value: task.mode },
          {
            key: 'group',
            label: t('group'),
            value: <Group id={task.resource_group} />,
          },
          { key: 'resources', label: t('resources'), value: amountsOf(task, t) },
          ...optional,
          ...task.git.map(({ repository_id: id, name, commit }) => ({
            key: id,
            label: t('kind.git'),
            value: <Commit name={name} commit={commit} />,
          })),
          { key: 'output', label: t('output'), wide: true, value: <Output task={task} /> },
        ]}
      />
    </Panel>
  )
}

/** A flavour by its name, with what it came to. */
function amountsOf(task: TaskDetail, t: Translate<KeyOf<typeof text>>): string {
  const words = amountWords(task, t)
  return task.flavour === null ? words : `${words} (${amountWords({ ...task, flavour: null }, t)})`
}

/** One of the project's own is shown by name, while it exists, with the way there. */
function Environment({ id }: { id: string }) {
  const { data } = useQuery(environmentList())
  const found = data?.items.find((one) => one.id === id)
  if (found?.custom !== true) return id
  return <Link to={`/environments/${id}`}>{found.name}</Link>
}

function Group({ id }: { id: string }) {
  const { data } = useQuery(groupList())
  const name = data?.items.find((one) => one.id === id)?.name
  return <Link to={`/resources/${id}`}>{name ?? id}</Link>
}

/** Which commit of a repository the instances got. */
function Commit({ name, commit }: { name: string; commit: string }) {
  return (
    <span className="sw-row">
      <Link to="/repositories">{name}</Link>
      {commit === '' ? null : (
        <>
          <code title={commit}>{commit.slice(0, 10)}</code>
          <CopyButton value={commit} />
        </>
      )}
    </span>
  )
}

/** Where what it writes is kept, and the way there. */
function Output({ task }: { task: TaskDetail }) {
  return (
    <span className="training-address">
      <FolderOpenOutlined aria-hidden />
      <Link to={storageLink(task.output)}>{task.output}</Link>
      <CopyButton value={task.output} />
    </span>
  )
}

function ConfigurationPanel({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { command, hyperparameters, env, mounts } = copiedValues(task)
  const variables = env.map(({ key, value }) => `${key}=${value}`).join('\n')
  return (
    <Panel title={t('configuration')}>
      <div className="sw-stack">
        {mounts.length > 0 ? <MountTable mounts={mounts} /> : null}
        <CodeBlock title={t('command')} samples={[{ language: 'bash', code: command }]} />
        <div className="training-columns">
          <CodeBlock
            title={t('hyperparameters')}
            samples={[{ language: 'JSON', code: hyperparameters }]}
          />
          {variables === '' ? null : (
            <CodeBlock title={t('env')} samples={[{ language: 'env', code: variables }]} />
          )}
        </div>
      </div>
    </Panel>
  )
}
