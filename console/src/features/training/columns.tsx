import { Link } from 'react-router'
import { useText } from '@/base/text'
import type { Column } from '@/ui/DataTable'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { amountWords } from './amountWords'
import type { Task } from './queries'
import { RunTime } from './RunTime'
import { TaskState } from './TaskState'
import { text } from './text'

export function useTaskColumns(): Column<Task>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: (task) => (
        <span className="sw-name">
          <Link to={`/training/${task.id}`}>{task.name}</Link>
          <small>{task.id}</small>
        </span>
      ),
    },
    { key: 'state', title: t('state'), render: (task) => <TaskState task={task} /> },
    {
      key: 'environment',
      title: t('environment'),
      render: (task) => (
        <span className="sw-name">
          {task.environment}
          <small>{task.mode}</small>
        </span>
      ),
    },
    {
      key: 'resources',
      title: t('resources'),
      render: (task) => (
        <span className="sw-name">
          <span className="sw-nowrap">{amountWords(task, t)}</span>
          <small>
            {task.resource_group}, {task.site}
          </small>
        </span>
      ),
    },
    { key: 'tags', title: t('tags'), render: (task) => <Tags tags={task.tags} max={2} /> },
    {
      key: 'runTime',
      title: t('runTime'),
      align: 'right',
      render: (task) => <RunTime task={task} />,
    },
    { key: 'creator', title: t('creator'), render: (task) => task.creator },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (task) => <TimeText value={task.created_at} />,
    },
    {
      key: 'queued',
      title: t('queued'),
      render: (task) => <TimeText value={task.queued_at} />,
    },
    {
      key: 'started',
      title: t('started'),
      render: (task) => <TimeText value={task.started_at} />,
    },
    {
      key: 'updated',
      title: t('updated'),
      sortBy: 'updated_at',
      render: (task) => <TimeText value={task.updated_at} />,
    },
  ]
}
