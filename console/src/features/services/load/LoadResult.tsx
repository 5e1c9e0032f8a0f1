import { StopOutlined } from '@ant-design/icons'
import { Alert } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatCount, formatDuration, formatMetric } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { LineChart } from '@/ui/charts/Chart'
import type { Series } from '@/ui/charts/types'
import { DataTable, type Column } from '@/ui/DataTable'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { isOpen, stopLoadTest, type LoadStep, type LoadTest } from './queries'
import { curve } from './steps'
import { text } from './text'

/** One load test: how far it is, its curves over the number of callers, its figures. */
export function LoadResult({ test, llm }: { test: LoadTest; llm: boolean }) {
  const t = useText(text)
  const line = (figure: Parameters<typeof curve>[1], name: string) =>
    curve(test.steps, figure, name)
  return (
    <Panel
      title={
        <span className="sw-row">
          {t('of')} <TimeText value={test.created_at} absolute />
          <StatusTag state={test.state} />
        </span>
      }
      actions={isOpen(test) ? <Stop test={test} /> : undefined}
    >
      <div className="sw-stack">
        {isOpen(test) ? <Progress test={test} /> : null}
        {test.reason !== '' && !isOpen(test) ? (
          <Alert type="warning" showIcon title={<Sentence of={test.reason} />} />
        ) : null}
        <div
          className="services-charts"
          hidden={test.steps.length < 2 /* a curve has two points */}
        >
          <Curves label={t('throughput')} series={[line('rps', t('rps'))]} format={formatMetric} />
          <Curves
            label={t('latency')}
            series={[
              line('mean_ms', t('mean')),
              line('p50_ms', 'P50'),
              line('p95_ms', 'P95'),
              line('p99_ms', 'P99'),
            ]}
            format={milliseconds}
          />
          {llm ? (
            <>
              <Curves
                label={t('tokens')}
                series={[line('tokens_per_s', t('tokens'))]}
                format={formatMetric}
              />
              <Curves
                label={t('first')}
                series={[line('first_p50_ms', 'P50'), line('first_p95_ms', 'P95')]}
                format={milliseconds}
              />
            </>
          ) : null}
        </div>
        <DataTable
          label={t('results')}
          rows={test.steps}
          rowKey={({ concurrency }) => String(concurrency)}
          columns={useStepColumns(llm)}
        />
      </div>
    </Panel>
  )
}

function Progress({ test }: { test: LoadTest }) {
  const t = useText(text)
  const { live, planned, state, reason } = test
  const said =
    live !== null
      ? t('live', {
          step: live.step + 1,
          count: planned.length,
          callers: live.concurrency,
          rps: formatMetric(live.live_rps),
          p95: live.live_p95_ms == null ? '–' : milliseconds(live.live_p95_ms),
        })
      : state === 'Queued'
        ? t('waiting')
        : t('running')
  return (
    <Alert
      type="info"
      showIcon
      role="status"
      title={said}
      description={reason === '' ? undefined : <Sentence of={reason} />}
    />
  )
}

function Stop({ test }: { test: LoadTest }) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const stop = useApiMutation(() => stopLoadTest(test), ['service'])
  return (
    <ActionButton
      action={{
        key: 'stop',
        label: t('stop'),
        icon: <StopOutlined aria-hidden />,
        danger: true,
        blocked: may('serve:service:call') ? test.blocked.stop : t('mayNot'),
        confirm: { title: t('stop.title'), message: t('stop.message'), action: t('stop') },
        run: async () => {
          await stop.mutateAsync()
          notify.success(t('stopping'))
        },
      }}
    />
  )
}

interface CurvesProps {
  label: string
  series: Series[]
  format: (value: number) => string
}

function Curves({ label, series, format }: CurvesProps) {
  const t = useText(text)
  return (
    <section className="load-chart" aria-label={label}>
      <h3>{label}</h3>
      <LineChart
        label={label}
        series={series}
        xAxis="number"
        xName={t('callers')}
        minY={0}
        formatY={format}
      />
    </section>
  )
}

function useStepColumns(llm: boolean): Column<LoadStep>[] {
  const t = useText(text)
  const [language] = usePreference('language')
  const latency = (title: string, value: (step: LoadStep) => number | null | undefined) => ({
    key: title,
    title,
    align: 'right' as const,
    render: (step: LoadStep) => <Milliseconds value={value(step)} />,
  })
  return [
    { key: 'callers', title: t('callers'), render: ({ concurrency }) => concurrency },
    { key: 'rps', title: t('rps'), align: 'right', render: ({ rps }) => formatMetric(rps) },
    latency(t('mean'), ({ mean_ms }) => mean_ms),
    latency('P50', ({ p50_ms }) => p50_ms),
    latency('P90', ({ p90_ms }) => p90_ms),
    latency('P95', ({ p95_ms }) => p95_ms),
    latency('P99', ({ p99_ms }) => p99_ms),
    latency(t('max'), ({ max_ms }) => max_ms),
    ...(llm
      ? [
          {
            key: 'tokens',
            title: t('tokens'),
            align: 'right' as const,
            render: ({ tokens_per_s }: LoadStep) =>
              tokens_per_s == null ? '–' : formatMetric(tokens_per_s),
          },
        ]
      : []),
    {
      key: 'requests',
      title: t('requests'),
      align: 'right',
      render: ({ requests }) => formatCount(requests, language),
    },
    {
      key: 'failed',
      title: t('failed'),
      align: 'right',
      render: (step) => <Failures step={step} />,
    },
  ]
}

function Failures({ step: { failed, failures } }: { step: LoadStep }) {
  if (failed === 0) return <span className="sw-faint">0</span>
  const kinds = Object.entries(failures).map(([kind, count]) => `${kind}: ${count}`)
  return (
    <span className="services-level" data-tone="bad" title={kinds.join('\n')}>
      {failed} ({kinds.join(', ')})
    </span>
  )
}

function Milliseconds({ value }: { value: number | null | undefined }) {
  return <span className="sw-num">{value == null ? '–' : milliseconds(value)}</span>
}

function milliseconds(value: number): string {
  return value < 1000 ? `${formatMetric(value)} ms` : formatDuration(value / 1000)
}
