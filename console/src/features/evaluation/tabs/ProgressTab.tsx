import { Progress } from 'antd'
import { formatDuration } from '@/base/format'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import type { EvaluationDetail, Step } from '../queries'
import { text } from '../text'

/** How far it is, and each step with its times. */
export function ProgressTab({ evaluation: { progress } }: { evaluation: EvaluationDetail }) {
  const t = useText(text)
  const words = [
    `${progress.done} / ${progress.total}`,
    t('elapsed', { time: formatDuration(progress.elapsed_s) }),
    ...(progress.eta_s === null ? [] : [t('left', { time: formatDuration(progress.eta_s) })]),
  ]
  return (
    <div className="sw-stack">
      <Panel>
        <Progress percent={Math.floor(progress.percent)} aria-label={t('progress')} />
        <span className="sw-faint sw-num">{words.join(' · ')}</span>
      </Panel>
      <Panel flush>
        <DataTable
          label={t('tab.progress')}
          rows={progress.steps}
          rowKey={({ kind, model, set }) => `${kind} ${model} ${set ?? ''}`}
          columns={useColumns()}
        />
      </Panel>
    </div>
  )
}

function useColumns(): Column<Step>[] {
  const t = useText(text)
  return [
    {
      key: 'step',
      title: t('step'),
      render: ({ kind, model, set }) => t(`step.${kind}`, { model, set: set ?? '' }),
    },
    {
      key: 'state',
      title: t('state'),
      render: ({ state, percent }) => (
        <StatusTag state={state} percent={state === 'Completed' ? null : percent} />
      ),
    },
    {
      key: 'done',
      title: t('step.done'),
      align: 'right',
      render: ({ kind, done, total }) =>
        kind === 'deployment' ? (
          <span className="sw-faint">–</span>
        ) : (
          <span className="sw-num">
            {done} / {total}
          </span>
        ),
    },
    {
      key: 'failed',
      title: t('step.failed'),
      align: 'right',
      render: ({ failed }) => <span className="sw-num">{failed}</span>,
    },
    {
      key: 'started',
      title: t('started'),
      render: ({ started_at }) => <TimeText value={started_at} absolute />,
    },
    {
      key: 'ended',
      title: t('ended'),
      render: ({ ended_at }) => <TimeText value={ended_at} absolute />,
    },
  ]
}
