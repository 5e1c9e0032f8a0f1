import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { DataTable } from '@/ui/DataTable'
import { Facts } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import type { Parameter, SearchDetail } from './queries'
import { text } from './text'

/** What is searched for, and the task that every trial runs. */
export function SetupTab({ search }: { search: SearchDetail }) {
  const t = useText(text)
  const early = search.early_stopping
  return (
    <div className="sw-stack">
      <Panel title={t('tab.setup')}>
        <Facts
          items={[
            { key: 'method', label: t('method'), value: t(`method.${search.method}`) },
            { key: 'metric', label: t('metric'), value: search.metric },
            {
              key: 'direction',
              label: t('direction'),
              value: t(`direction.${search.direction}`),
            },
            { key: 'max', label: t('maxTrials'), value: String(search.max_trials) },
            { key: 'parallel', label: t('parallel'), value: String(search.parallel) },
            { key: 'seed', label: t('seed'), value: String(search.seed) },
            {
              key: 'early',
              label: t('early'),
              value: early
                ? t('early.words', { reports: early.min_reports, factor: early.factor })
                : t('early.none'),
            },
            { key: 'failures', label: t('maxFailures'), value: String(search.max_failures) },
            { key: 'creator', label: t('creator'), value: search.creator },
            { key: 'created', label: t('created'), value: <TimeText value={search.created_at} /> },
            { key: 'ended', label: t('ended'), value: <TimeText value={search.ended_at} /> },
            { key: 'tags', label: t('tag'), value: <Tags tags={search.tags} /> },
          ]}
        />
      </Panel>
      <Panel title={t('space')} flush>
        <DataTable<Parameter>
          label={t('space')}
          rows={search.space}
          rowKey={({ name }) => name}
          columns={[
            {
              key: 'name',
              title: t('parameter'),
              render: ({ name }) => <span className="sw-mono">{name}</span>,
            },
            { key: 'kind', title: t('kind'), render: ({ kind }) => t(`kind.${kind}`) },
            { key: 'values', title: t('values'), render: (one) => <Range of={one} /> },
          ]}
        />
      </Panel>
      <Panel title={t('task')}>
        <CodeBlock
          samples={[
            { language: 'Shell', code: search.task.command as string },
            { language: 'JSON', code: JSON.stringify(search.task, null, 2) },
          ]}
        />
      </Panel>
    </div>
  )
}

function Range({ of }: { of: Parameter }) {
  const t = useText(text)
  if (of.kind === 'choice')
    return <span className="sw-mono">{of.values.map(String).join(', ')}</span>
  const ends = { low: formatMetric(of.low), high: formatMetric(of.high) }
  return <span className="sw-num">{t(of.log ? 'rangeLog' : 'range', ends)}</span>
}
