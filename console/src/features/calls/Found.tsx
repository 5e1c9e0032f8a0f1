import { Button } from 'antd'
import { Link } from 'react-router'
import { formatCount, formatMetric } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import { DataTable, type Column } from '@/ui/DataTable'
import { Panel } from '@/ui/Page'
import { Count } from '@/ui/Quantity'
import type { Report, Share } from './queries'
import { byModel, lineOf, type Figure, type ModelSums } from './sums'
import { meaningOf, text } from './text'

interface Props {
  report: Report
  onModel: (model: string) => void
}

/** The overview, the course over time, and who called what and failed why. */
export function Found({ report, onModel }: Props) {
  const t = useText(text)
  const line = (figure: Figure, name: string) => lineOf(report, figure, name)
  return (
    <>
      <Totals report={report} />
      <div className="calls-charts">
        <Panel title={t('calls')}>
          <LineChart
            label={t('calls')}
            series={[line('calls', t('calls')), line('failed', t('failed'))]}
            xAxis="time"
            minY={0}
            formatY={String}
          />
        </Panel>
        <Panel title={t('tokens')}>
          <LineChart
            label={t('tokens')}
            series={[
              line('prompt_tokens', t('tokensIn')),
              line('completion_tokens', t('tokensOut')),
            ]}
            xAxis="time"
            minY={0}
            formatY={String}
          />
        </Panel>
      </div>
      <Panel title={t('byModel')} flush>
        <DataTable
          label={t('byModel')}
          rows={byModel(report.shares)}
          rowKey={({ model }) => model || 'none'}
          columns={useModelColumns(onModel)}
        />
      </Panel>
      <Panel title={t('byShare')} flush>
        <DataTable
          label={t('byShare')}
          rows={report.shares}
          rowKey={({ model, group_id, service_id }) => `${group_id} ${service_id} ${model}`}
          columns={useShareColumns()}
        />
      </Panel>
      <Failures report={report} />
    </>
  )
}

function Totals({ report: { total } }: { report: Report }) {
  const t = useText(text)
  const [language] = usePreference('language')
  const count = (value: number) => formatCount(value, language)
  const rate = (100 * total.failed) / total.calls
  const figures: [string, string, string?][] = [
    [t('calls'), count(total.calls)],
    [t('failed'), count(total.failed), total.failed > 0 ? 'bad' : undefined],
    [t('failedShare'), `${formatMetric(rate)}%`],
    [t('tokens'), count(total.tokens)],
    [t('tokensIn'), count(total.prompt_tokens)],
    [t('tokensOut'), count(total.completion_tokens)],
    [t('images'), count(total.images)],
    [t('cost'), formatMetric(total.cost)],
  ]
  return (
    <dl className="calls-figures">
      {figures.map(([label, value, tone]) => (
        <div key={label} data-tone={tone}>
          <dt>{label}</dt>
          <dd className="sw-num">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

type Numbers = Pick<Share, Figure>

function useNumberColumns<Row extends Numbers>(): Column<Row>[] {
  const t = useText(text)
  const names = { calls: 'calls', failed: 'failed', tokens: 'tokens', images: 'images' } as const
  return (['calls', 'failed', 'tokens', 'images'] as const).map((figure) => ({
    key: figure,
    title: t(names[figure]),
    align: 'right' as const,
    render: (row: Row) => <Count value={row[figure]} />,
  }))
}

function useModelColumns(onModel: (model: string) => void): Column<ModelSums>[] {
  const t = useText(text)
  return [
    {
      key: 'model',
      title: t('model'),
      render: ({ model }) => model || <span className="sw-faint">{t('unnamed')}</span>,
    },
    ...useNumberColumns<ModelSums>(),
    {
      key: 'view',
      title: '',
      align: 'right',
      render: ({ model }) => (
        <Button type="link" size="small" onClick={() => onModel(model)}>
          {t('view')}
        </Button>
      ),
    },
  ]
}

function useShareColumns(): Column<Share>[] {
  const t = useText(text)
  return [
    { key: 'group', title: t('group'), render: (share) => <GroupName of={share} /> },
    {
      key: 'service',
      title: t('service'),
      render: ({ service_id, service_name }) => (
        <span className="sw-name">
          {service_name || <span className="sw-faint">–</span>}
          {service_id === service_name ? null : <small>{service_id}</small>}
        </span>
      ),
    },
    {
      key: 'model',
      title: t('model'),
      render: ({ model }) => model || <span className="sw-faint">{t('unnamed')}</span>,
    },
    ...useNumberColumns<Share>(),
  ]
}

function GroupName({ of: { group_id, group_name, group_deleted } }: { of: Share }) {
  const t = useText(text)
  if (group_id === '') return <span className="sw-faint">{t('noGroup')}</span>
  if (group_deleted) {
    return (
      <>
        {group_name} <small className="sw-faint">({t('deleted')})</small>
      </>
    )
  }
  return <Link to={`/service-groups/${group_id}`}>{group_name}</Link>
}

function Failures({ report: { failures } }: { report: Report }) {
  const t = useText(text)
  const columns: Column<Report['failures'][number]>[] = [
    { key: 'code', title: t('code'), render: ({ code }) => <code>{code}</code> },
    { key: 'meaning', title: t('meaning'), render: ({ code }) => t(meaningOf(code)) },
    {
      key: 'calls',
      title: t('failed'),
      align: 'right',
      render: ({ calls }) => <Count value={calls} />,
    },
    {
      key: 'share',
      title: t('share'),
      align: 'right',
      render: ({ share }) => <span className="sw-num">{formatMetric(100 * share)}%</span>,
    },
  ]
  return (
    <Panel title={t('failures')} flush={failures.length > 0}>
      {failures.length === 0 ? (
        <span className="sw-faint">{t('failures.none')}</span>
      ) : (
        <DataTable
          label={t('failures')}
          rows={failures}
          rowKey={({ code }) => code}
          columns={columns}
        />
      )}
    </Panel>
  )
}
