import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import { useState } from 'react'
import { formatDuration } from '@/base/format'
import { useText } from '@/base/text'
import { useMay } from '@/api/session'
import { ActionButton } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import { scalingOf, type ServiceDetail, type Version } from '../queries'
import { ScaleDialog } from '../ScaleDialog'
import { text as serviceText } from '../text'
import { useVersion, VersionSelect } from '../versionChoice'
import { text } from './text'
import { shown, type ScalingView } from './values'

/** How many replicas a version has and why: its policy, what is measured, what was changed. */
export function ScalingTab({ service }: { service: ServiceDetail }) {
  const version = useVersion(service)
  const s = useText(serviceText)
  if (version === undefined) {
    return (
      <Panel>
        <EmptyState title={s('version.none')} hint={s('version.noneHint')} />
      </Panel>
    )
  }
  return (
    <div className="sw-stack">
      <div className="sw-row">
        <VersionSelect service={service} />
      </div>
      <OfVersion service={service} version={version} />
    </div>
  )
}

function OfVersion({ service, version }: { service: ServiceDetail; version: Version }) {
  const t = useText(text)
  const may = useMay()
  const s = useText(serviceText)
  const [changing, setChanging] = useState(false)
  const { data, error, refetch } = useQuery(scalingOf(service.id, version.id))
  const change = {
    key: 'change',
    label: t('change'),
    blocked: may('serve:service:scale') ? (version.blocked.scale ?? null) : s('mayNot'),
    run: () => setChanging(true),
  }
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <>
      <Panel title={t('policy')} actions={<ActionButton action={change} />}>
        {data === undefined ? null : <Now seen={data} />}
      </Panel>
      {data?.warnings.map((warning) => (
        <Alert key={warning} type="info" showIcon title={<Sentence of={warning} />} />
      ))}
      {data !== undefined && data.scaling.rules.length > 0 ? <Rules seen={data} /> : null}
      {data !== undefined && data.signals.length > 0 ? <Signals seen={data} /> : null}
      <Steps seen={data} />
      <ScaleDialog
        version={changing ? version : null}
        llm={service.llm}
        onClose={() => setChanging(false)}
      />
    </>
  )
}

/** The time rules; of several that are due in one minute the highest holds. */
function Rules({ seen: { scaling } }: { seen: ScalingView }) {
  const t = useText(text)
  return (
    <Panel title={t('rules')} flush>
      <DataTable
        label={t('rules')}
        rows={scaling.rules.map((rule, index) => ({ ...rule, index }))}
        rowKey={({ index }) => String(index)}
        columns={[
          { key: 'number', title: '#', width: 60, render: ({ index }) => index + 1 },
          { key: 'time', title: t('rule.time'), render: ({ time }) => <code>{time}</code> },
          {
            key: 'count',
            title: t('rule.replicas'),
            align: 'right',
            render: ({ replicas }) => <span className="sw-num">{replicas}</span>,
          },
          {
            key: 'exceptions',
            title: t('rule.exceptions'),
            render: ({ exceptions }) =>
              exceptions.length === 0 ? (
                <span className="sw-faint">–</span>
              ) : (
                exceptions.map((one) => <code key={one}>{one} </code>)
              ),
          },
        ]}
      />
    </Panel>
  )
}

function Now({ seen }: { seen: ScalingView }) {
  const t = useText(text)
  const { scaling, next_rule, last_start_s } = seen
  return (
    <Facts
      columns={3}
      items={[
        { key: 'strategy', label: t('strategy'), value: t(scaling.strategy) },
        {
          key: 'now',
          label: t('now'),
          value: seen.replicas === 0 ? t('now.asleep') : t('now.count', { count: seen.replicas }),
        },
        { key: 'default', label: t('default'), value: seen.default_replicas },
        ...(seen.min_replicas === null
          ? []
          : [
              {
                key: 'bounds',
                label: t('bounds'),
                value: `${seen.min_replicas} – ${seen.max_replicas ?? ''}`,
              },
            ]),
        ...(scaling.rules.length === 0
          ? []
          : [
              {
                key: 'next',
                label: t('next'),
                value:
                  next_rule === null ? (
                    t('next.none')
                  ) : (
                    <span className="sw-row">
                      <TimeText value={next_rule.time} absolute />
                      {t('next.value', next_rule)}
                    </span>
                  ),
              },
              { key: 'zone', label: t('zone'), value: seen.time_zone },
            ]),
        {
          key: 'sleeps',
          label: t('sleeps'),
          value:
            scaling.idle_s == null ? t('off') : t('sleepValue', { minutes: scaling.idle_s / 60 }),
        },
        ...(scaling.idle_s == null
          ? []
          : [{ key: 'waiting', label: t('waiting'), value: seen.waiting_calls }]),
        {
          key: 'start',
          label: t('start'),
          value: last_start_s === null ? null : formatDuration(last_start_s),
        },
      ]}
    />
  )
}

function Signals({ seen: { signals } }: { seen: ScalingView }) {
  const t = useText(text)
  const columns: Column<ScalingView['signals'][number]>[] = [
    { key: 'metric', title: t('target.metric'), render: ({ metric }) => t(metric) },
    {
      key: 'value',
      title: t('signal.value'),
      align: 'right',
      render: ({ metric, value }) =>
        value === null ? (
          <span className="sw-faint">{t('signal.unknown')}</span>
        ) : (
          <span className="sw-num">{shown(metric, value)}</span>
        ),
    },
    {
      key: 'threshold',
      title: t('signal.threshold'),
      align: 'right',
      render: ({ metric, threshold }) => <span className="sw-num">{shown(metric, threshold)}</span>,
    },
    {
      key: 'asks',
      title: t('signal.asks'),
      align: 'right',
      render: ({ replicas }) => <span className="sw-num">{replicas ?? '–'}</span>,
    },
  ]
  return (
    <Panel title={t('signals')} flush>
      <DataTable
        label={t('signals')}
        rows={signals}
        rowKey={({ metric }) => metric}
        columns={columns}
      />
    </Panel>
  )
}

function Steps({ seen }: { seen: ScalingView | undefined }) {
  const t = useText(text)
  const columns: Column<ScalingView['steps'][number]>[] = [
    {
      key: 'when',
      title: t('step.when'),
      render: ({ time }) => <TimeText value={time} absolute />,
    },
    { key: 'kind', title: t('step.kind'), render: ({ kind }) => t(`kind.${kind}`) },
    {
      key: 'count',
      title: t('step.count'),
      render: ({ before, after }) => (
        <span className="sw-num">
          {before} → {after}
        </span>
      ),
    },
    {
      key: 'why',
      title: t('step.why'),
      render: ({ reason }) => (
        <span className="services-long">
          <Sentence of={reason} />
        </span>
      ),
    },
  ]
  return (
    <Panel title={t('steps')} flush>
      <DataTable
        label={t('steps')}
        rows={seen?.steps ?? []}
        rowKey={({ time, after }) => `${time} ${after}`}
        loading={seen === undefined}
        columns={columns}
        empty={<EmptyState title={t('steps.none')} hint={t('steps.noneHint')} />}
      />
    </Panel>
  )
}
