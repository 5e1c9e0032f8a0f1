import { DownloadOutlined } from '@ant-design/icons'
import { Button, Segmented, Select, Switch, Tooltip } from 'antd'
import { useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import { BarChart, RadarChart } from '@/ui/charts/Chart'
import { DataTable } from '@/ui/DataTable'
import { Panel } from '@/ui/Page'
import { asCsv, axesOf, LEAST_AXES, lineNames, radarOf, valueOf, type Axes } from './compareData'
import { METRICS, type Comparison, type Metric } from './queries'
import { text } from './text'

/** The chart and the figures of what was applied. */
export function CompareResult({ found, stale }: { found: Comparison; stale: boolean }) {
  const t = useText(text)
  const [query, setQuery] = useSearchParams()
  const change = (name: string, value: string | null) => {
    const next = new URLSearchParams(query)
    if (value === null) next.delete(name)
    else next.set(name, value)
    setQuery(next, { replace: true })
  }
  const single = found.shown_sets.length === 1
  const asked = query.get('axes')
  const by: Axes = single && asked !== 'sets' ? 'metrics' : 'sets'
  const relative = query.get('absolute') !== 'true'
  const metricWords = useMetricWords()
  const axes = axesOf(found, by, metricWords)
  const round = axes.length >= LEAST_AXES
  return (
    <div className="sw-stack" aria-busy={stale}>
      <Panel
        title={t('compare.chart')}
        actions={
          <span className="sw-row">
            {single ? (
              <Segmented<Axes>
                aria-label={t('compare.axes')}
                value={by}
                onChange={(value) => change('axes', value)}
                options={(['metrics', 'sets'] as const).map((value) => ({
                  value,
                  label: t(`compare.axes.${value}`),
                }))}
              />
            ) : null}
            {by === 'sets' ? (
              <Select
                className="evaluation-metric"
                aria-label={t('compare.metric')}
                value={found.metric}
                onChange={(metric: string) => change('metric', metric)}
                options={found.metrics.map((one) => ({ value: one, label: metricWords(one) }))}
              />
            ) : null}
            {round ? (
              <Tooltip title={t('compare.relative.hint')}>
                <span className="sw-row">
                  <Switch
                    size="small"
                    aria-label={t('compare.relative')}
                    checked={relative}
                    onChange={(on) => change('absolute', on ? null : 'true')}
                  />
                  {t('compare.relative')}
                </span>
              </Tooltip>
            ) : null}
          </span>
        }
      >
        <Figures found={found} axes={axes} relative={relative} />
      </Panel>
      <FigureTable found={found} axes={axes} />
    </div>
  )
}

function useMetricWords(): (metric: string) => string {
  const t = useText(text)
  return (metric) => (METRICS.includes(metric as Metric) ? t(metric as Metric) : metric)
}

interface FigureProps {
  found: Comparison
  axes: ReturnType<typeof axesOf>
}

function Figures({ found, axes, relative }: FigureProps & { relative: boolean }) {
  const t = useText(text)
  const names = lineNames(found.rows)
  if (axes.length < LEAST_AXES) {
    return (
      <BarChart
        label={t('compare.chart')}
        height={360}
        categories={axes.map(({ name }) => name)}
        series={found.rows.map((row, at) => ({
          name: names[at] ?? row.key,
          values: axes.map((axis) => valueOf(row, axis)),
        }))}
      />
    )
  }
  return (
    <RadarChart
      label={t('compare.chart')}
      height={420}
      {...radarOf(found.rows, axes, names, relative)}
    />
  )
}

function FigureTable({ found, axes }: FigureProps) {
  const t = useText(text)
  const names = lineNames(found.rows)
  const save = () => {
    // A byte-order mark lets spreadsheets read the names as UTF-8.
    const url = URL.createObjectURL(new Blob([`\ufeff${asCsv(found)}`], { type: 'text/csv' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'comparison.csv'
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <Panel
      flush
      title={t('compare.table')}
      actions={
        <Button icon={<DownloadOutlined aria-hidden />} onClick={save}>
          {t('compare.download')}
        </Button>
      }
    >
      <DataTable
        label={t('compare.table')}
        rows={found.rows}
        rowKey={({ key }) => key}
        columns={[
          {
            key: 'model',
            title: t('samples.model'),
            render: (row) => (
              <span className="sw-name">
                <strong>{names[found.rows.indexOf(row)]}</strong>
                <small>{row.evaluation_name}</small>
              </span>
            ),
          },
          ...axes.map((axis) => ({
            key: `${axis.set} ${axis.metric}`,
            title: axis.name,
            align: 'right' as const,
            render: (row: Comparison['rows'][number]) => {
              const value = valueOf(row, axis)
              if (value === null) return <span className="sw-faint">–</span>
              return <span className="sw-num">{value.toFixed(6)}</span>
            },
          })),
        ]}
      />
    </Panel>
  )
}
