import { BarChartOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Select, Skeleton } from 'antd'
import { useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { formatBytes, formatCount, formatDuration } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import type { Series } from '@/ui/charts/types'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Count } from '@/ui/Quantity'
import { AlarmsPanel } from '../alarms/AlarmsPanel'
import {
  callStatistics,
  keyList,
  type CallRange,
  type ServiceDetail,
  type Statistics,
} from '../queries'
import { lineOf, mean, perMinute, perSecond } from '../statistics'
import { text } from '../text'
import { useAddressPart, useOnly } from '../versionChoice'
import { LoadCharts } from './LoadCharts'

const RANGES: CallRange[] = ['1h', 'today', 'yesterday', '7d', '15d']

/** Calls of a time: how many, how fast, how many tokens, with which key. */
export function MonitorTab({ service }: { service: ServiceDetail }) {
  const [range] = useAddressPart('range')
  const [key] = useAddressPart('key')
  const [chosen] = useAddressPart('of')
  const version = useOnly() ?? chosen
  const asked = {
    range: RANGES.find((one) => one === range) ?? '1h',
    ...(key === null ? {} : { key }),
    ...(version === null ? {} : { version }),
  }
  const { data, error, refetch } = useQuery(callStatistics(service.id, asked))
  return (
    <div className="sw-stack">
      <Narrowing service={service} range={asked.range} />
      <AlarmsPanel service={service} />
      {error !== null ? <ErrorState error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : data.total.received === 0 ? (
        <NoCalls service={service} />
      ) : (
        <Found found={data} llm={service.llm} />
      )}
      <LoadCharts service={service.id} asked={asked} llm={service.llm} />
    </div>
  )
}

function Narrowing({ service, range }: { service: ServiceDetail; range: CallRange }) {
  const t = useText(text)
  const may = useMay()
  const [, setRange] = useAddressPart('range')
  const [key, setKey] = useAddressPart('key')
  const only = useOnly()
  const [version, setVersion] = useAddressPart('of')
  const { data } = useQuery({ ...keyList(service.id), enabled: may('serve:key:list') })
  return (
    <div className="sw-row">
      <Segmented<CallRange>
        aria-label={t('monitor.range')}
        value={range}
        onChange={setRange}
        options={RANGES.map((value) => ({ value, label: t(`range.${value}`) }))}
      />
      <Select
        className="services-choice"
        aria-label={t('auth')}
        value={key ?? ''}
        onChange={(id: string) => setKey(id === '' ? null : id)}
        options={[
          { value: '', label: t('monitor.allKeys') },
          ...(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {service.items.length > 1 && only === null ? (
        <Select
          className="services-choice"
          aria-label={t('version')}
          value={version ?? ''}
          onChange={(id: string) => setVersion(id === '' ? null : id)}
          options={[
            { value: '', label: t('monitor.allVersions') },
            ...service.items.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      ) : null}
    </div>
  )
}

function NoCalls({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <Panel>
      <EmptyState
        icon={<BarChartOutlined aria-hidden />}
        title={t('monitor.none')}
        hint={t('monitor.noneHint')}
        action={
          <Button onClick={() => void navigate(`/services/${service.id}/call`)}>
            {t('monitor.toCall')}
          </Button>
        }
      />
    </Panel>
  )
}

function Found({ found, llm }: { found: Statistics; llm: boolean }) {
  const t = useText(text)
  const line = (figure: Parameters<typeof lineOf>[1], name: string) => lineOf(found, figure, name)
  return (
    <>
      <Totals found={found} llm={llm} />
      <div className="services-charts">
        <CallChart
          label={t('monitor.calls')}
          series={[
            line('succeeded', t('monitor.succeeded')),
            line('failed', t('monitor.failed')),
            line('throttled', t('monitor.throttled')),
          ]}
          format={String}
        />
        <CallChart
          label={t('monitor.latency')}
          series={[
            line('mean_ms', t('monitor.meanLine')),
            line('p50_ms', 'P50'),
            line('p95_ms', 'P95'),
            line('p99_ms', 'P99'),
          ]}
          format={milliseconds}
        />
        {llm ? (
          <>
            <CallChart
              label={t('monitor.tokensChart')}
              series={[
                perMinute(found, ['prompt_tokens', 'completion_tokens'], t('monitor.allLine')),
                perMinute(found, ['prompt_tokens'], t('monitor.tokensIn')),
                perMinute(found, ['completion_tokens'], t('monitor.tokensOut')),
              ]}
              format={(value) => String(Math.round(value))}
            />
            <CallChart
              label={t('monitor.later')}
              series={[line('mean_later_ms', t('monitor.meanLine'))]}
              format={milliseconds}
            />
            <CallChart
              label={t('monitor.lengths')}
              series={[
                mean(found, 'prompt_tokens', t('monitor.tokensIn')),
                mean(found, 'completion_tokens', t('monitor.tokensOut')),
              ]}
              format={(value) => String(Math.round(value))}
            />
            <CallChart
              label={t('monitor.ttftChart')}
              series={[line('mean_ttft_ms', t('monitor.meanLine')), line('p95_ttft_ms', 'P95')]}
              format={milliseconds}
            />
          </>
        ) : null}
        <CallChart
          label={t('monitor.qps')}
          series={[
            perSecond(found, 'received', t('monitor.received')),
            perSecond(found, 'throttled', t('monitor.throttled')),
          ]}
          format={(value) => String(Math.round(value * 100) / 100)}
        />
        <CallChart
          label={t('monitor.traffic')}
          series={[
            line('request_bytes', t('monitor.bytesIn')),
            line('response_bytes', t('monitor.bytesOut')),
          ]}
          format={(value) => formatBytes(value)}
        />
      </div>
      <Panel title={t('monitor.byKey')} flush>
        <DataTable
          label={t('monitor.byKey')}
          rows={found.by_key}
          rowKey={({ key_id }) => key_id || 'none'}
          columns={useKeyColumns(llm)}
        />
      </Panel>
    </>
  )
}

function Totals({ found: { total }, llm }: { found: Statistics; llm: boolean }) {
  const t = useText(text)
  const [language] = usePreference('language')
  const count = (value: number) => formatCount(value, language)
  const figures: [string, string, string?][] = [
    [t('monitor.received'), count(total.received)],
    [t('monitor.succeeded'), count(total.succeeded)],
    [t('monitor.failed'), count(total.failed), total.failed > 0 ? 'bad' : undefined],
    [t('monitor.throttled'), count(total.throttled), total.throttled > 0 ? 'warn' : undefined],
    [t('monitor.mean'), milliseconds(total.mean_ms)],
    [t('monitor.p95'), milliseconds(total.p95_ms)],
    ...(llm
      ? ([
          [t('monitor.tokensAll'), count(total.prompt_tokens + total.completion_tokens)],
          [t('monitor.tokensIn'), count(total.prompt_tokens)],
          [t('monitor.tokensOut'), count(total.completion_tokens)],
          [t('monitor.ttft'), milliseconds(total.mean_ttft_ms)],
        ] as [string, string][])
      : []),
  ]
  return (
    <dl className="services-figures">
      {figures.map(([label, value, tone]) => (
        <div key={label} data-tone={tone}>
          <dt>{label}</dt>
          <dd className="sw-num">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function useKeyColumns(llm: boolean): Column<Statistics['by_key'][number]>[] {
  const t = useText(text)
  const tokens = ['prompt_tokens', 'completion_tokens'] as const
  return [
    {
      key: 'key',
      title: t('key.name'),
      render: ({ key_id, key_name }) => (key_id === '' ? t('monitor.noKey') : key_name),
    },
    ...(['received', 'succeeded', 'failed', 'throttled'] as const).map((figure) => ({
      key: figure,
      title: t(`monitor.${figure}`),
      align: 'right' as const,
      render: (row: Statistics['by_key'][number]) => <Count value={row[figure]} />,
    })),
    ...(llm ? tokens : []).map((figure) => ({
      key: figure,
      title: `${t('monitor.tokens')} · ${t(figure === 'prompt_tokens' ? 'monitor.tokensIn' : 'monitor.tokensOut')}`,
      align: 'right' as const,
      render: (row: Statistics['by_key'][number]) => <Count value={row[figure]} />,
    })),
    {
      key: 'mean',
      title: t('monitor.mean'),
      align: 'right',
      render: ({ mean_ms }) => <span className="sw-num">{milliseconds(mean_ms)}</span>,
    },
  ]
}

interface ChartProps {
  label: string
  series: Series[]
  format: (value: number) => string
}

function CallChart({ label, series, format }: ChartProps) {
  return (
    <Panel title={label}>
      <LineChart label={label} series={series} xAxis="time" minY={0} formatY={format} />
    </Panel>
  )
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : formatDuration(value / 1000)
}
