import { Input, Segmented, Slider, Switch } from 'antd'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { LineChart } from '@/ui/charts/Chart'
import { Panel } from '@/ui/Page'
import {
  axesOf,
  linesOf,
  metricsOf,
  summaryOf,
  type Axis,
  type CurveLook,
  type Metric,
} from '../curves'
import type { MetricSeries } from '../queries'
import { text } from '../text'

interface Props {
  items: readonly MetricSeries[]
  /** What an instance of a task, or a run itself, is called. */
  nameOf: (instance: string) => string
}

/** One chart for each figure. How they are drawn stands in the address. */
export function MetricCurves({ items, nameOf }: Props) {
  const { axis, smoothing, log, words, set } = useLook()
  const axes = axesOf(items)
  const look = { axis: axes.includes(axis) ? axis : (axes[0] ?? 'time'), smoothing, log }
  const shown = metricsOf(items).filter(({ name }) =>
    name.toLowerCase().includes(words.toLowerCase()),
  )
  return (
    <div className="sw-stack">
      <Look axes={axes} look={look} words={words} onSet={set} />
      <div className="training-charts">
        {shown.map((metric) => (
          <MetricChart key={metric.name} metric={metric} look={look} nameOf={nameOf} />
        ))}
      </div>
    </div>
  )
}

function useLook() {
  const [query, setQuery] = useSearchParams()
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(query)
    if (value === '') next.delete(name)
    else next.set(name, value)
    setQuery(next, { replace: true })
  }
  const smoothing = Number(query.get('smoothing') ?? '0')
  return {
    axis: (query.get('axis') ?? 'step') as Axis,
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
    log: query.get('log') === 'true',
    words: query.get('metric') ?? '',
    set,
  }
}

interface LookProps {
  axes: readonly Axis[]
  look: CurveLook
  words: string
  onSet: (name: string, value: string) => void
}

function Look({ axes, look, words, onSet }: LookProps) {
  const t = useText(text)
  return (
    <div className="training-look" role="toolbar" aria-label={t('metrics.look')}>
      <Input
        allowClear
        className="training-look-search"
        placeholder={t('metrics.search')}
        aria-label={t('metrics.search')}
        value={words}
        onChange={(event) => onSet('metric', event.target.value)}
      />
      <Segmented<Axis>
        aria-label={t('metrics.axis')}
        value={look.axis}
        options={axes.map((axis) => ({ value: axis, label: t(`axis.${axis}`) }))}
        onChange={(axis) => onSet('axis', axis === 'step' ? '' : axis)}
      />
      <span className="training-look-field">
        <span>{t('metrics.smoothing')}</span>
        <Slider
          className="training-look-slider"
          min={0}
          max={0.99}
          step={0.01}
          value={look.smoothing}
          ariaLabelForHandle={t('metrics.smoothing')}
          onChange={(value) => onSet('smoothing', value === 0 ? '' : String(value))}
        />
        <span className="sw-num">{look.smoothing.toFixed(2)}</span>
      </span>
      <span className="training-look-field">
        <Switch
          size="small"
          aria-label={t('metrics.log')}
          checked={look.log}
          onChange={(on) => onSet('log', on ? 'true' : '')}
        />
        <span>{t('metrics.log')}</span>
      </span>
    </div>
  )
}

interface ChartProps {
  metric: Metric
  look: CurveLook
  nameOf: (instance: string) => string
}

function MetricChart({ metric, look, nameOf }: ChartProps) {
  const t = useText(text)
  const series = useMemo(
    () => linesOf(metric, look, nameOf, (label) => t('metrics.raw', { name: label })),
    [metric, look, nameOf, t],
  )
  const summary = summaryOf(metric)
  return (
    <Panel
      title={<span className="training-metric">{metric.name}</span>}
      actions={
        summary === null ? null : (
          <span className="training-metric-figures">
            <span>
              {t('metrics.last')} <b>{formatMetric(summary.last)}</b>
            </span>
            <span>
              {t('metrics.min')} <b>{formatMetric(summary.min)}</b>
            </span>
            <span>
              {t('metrics.max')} <b>{formatMetric(summary.max)}</b>
            </span>
          </span>
        )
      }
    >
      <LineChart
        label={metric.name}
        series={series}
        xAxis={look.axis === 'time' ? 'time' : 'number'}
        logY={look.log}
      />
    </Panel>
  )
}
