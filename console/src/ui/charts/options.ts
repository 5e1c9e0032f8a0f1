import type { EChartsCoreOption } from 'echarts/core'
import { formatMetric } from '@/base/format'
import { PALETTES, SERIES_COLOURS, type Mode } from '../palette'
import { CANVAS_FONT } from '../theme'
import type { BarSpec, ChartSpec, LineSpec, ParallelSpec, RadarSpec } from './types'

/** A chart's options in the colours of the console. Pure: the same spec draws the same chart. */
export function chartOption(spec: ChartSpec, mode: Mode): EChartsCoreOption {
  if (spec.kind === 'parallel') return { ...baseOption(mode, 0), ...parallelOption(spec, mode) }
  const base = baseOption(mode, spec.series.length)
  if (spec.kind === 'line') return { ...base, ...lineOption(spec, mode) }
  if (spec.kind === 'bar') return { ...base, ...barOption(spec, mode) }
  return { ...base, ...radarOption(spec, mode) }
}

function baseOption(mode: Mode, series: number): EChartsCoreOption {
  const colour = PALETTES[mode]
  return {
    color: [...SERIES_COLOURS[mode]],
    textStyle: { fontFamily: CANVAS_FONT, fontSize: 11.5, color: colour['ink-soft'] },
    animationDuration: 200,
    animationDurationUpdate: 0,
    legend: {
      show: series > 1,
      type: 'scroll',
      top: 0,
      left: 0,
      icon: 'roundRect',
      itemWidth: 12,
      itemHeight: 4,
      itemGap: 16,
      textStyle: { color: colour['ink-soft'], fontSize: 11.5 },
      inactiveColor: colour['line-strong'],
      pageIconColor: colour['ink-soft'],
      pageTextStyle: { color: colour['ink-soft'] },
    },
    tooltip: {
      confine: true,
      backgroundColor: colour.raised,
      borderColor: colour.line,
      padding: [6, 10],
      textStyle: { color: colour.ink, fontSize: 12 },
    },
    aria: { enabled: true },
  }
}

function axes(mode: Mode) {
  const colour = PALETTES[mode]
  const label = { color: colour['ink-faint'], fontSize: 11, hideOverlap: true }
  return {
    value: {
      axisLabel: label,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: colour.line } },
    },
    base: {
      axisLabel: label,
      axisLine: { lineStyle: { color: colour['line-strong'] } },
      axisTick: { show: false },
      splitLine: { show: false },
    },
  }
}

function grid(series: number, xName: string | undefined) {
  const top = series > 1 ? 32 : 12
  return { top, left: 8, right: 16, bottom: xName ? 22 : 6, outerBoundsMode: 'same' }
}

function lineOption(spec: LineSpec, mode: Mode): EChartsCoreOption {
  const axis = axes(mode)
  const format = spec.formatY ?? formatMetric
  return {
    grid: grid(spec.series.length, spec.xName),
    tooltip: {
      ...(baseOption(mode, 0).tooltip as object),
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: PALETTES[mode]['line-strong'] } },
      valueFormatter: formatter(format),
    },
    xAxis: {
      ...axis.base,
      type: spec.xAxis === 'time' ? 'time' : 'value',
      name: spec.xName,
      nameLocation: 'middle',
      nameGap: 24,
      nameTextStyle: { color: PALETTES[mode]['ink-faint'] },
      min: spec.xAxis === 'number' ? 'dataMin' : undefined,
      max: spec.xAxis === 'number' ? 'dataMax' : undefined,
    },
    yAxis: {
      ...axis.value,
      type: spec.logY ? 'log' : 'value',
      scale: spec.minY === undefined,
      min: spec.minY,
      max: spec.maxY,
      axisLabel: { ...axis.value.axisLabel, formatter: (value: number) => format(value) },
    },
    // Dragging over the chart zooms in; a double click (see EChart) zooms out.
    toolbox: { show: false, feature: { dataZoom: { yAxisIndex: 'none' } } },
    dataZoom: [{ type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false }],
    series: spec.series.map((one, index) => ({
      type: 'line',
      name: one.name,
      color: colourOf(spec, index, mode),
      z: one.secondary ? 1 : 2,
      data: one.points,
      showSymbol: one.points.length < 2,
      symbolSize: 5,
      sampling: 'lttb',
      lineStyle: one.secondary ? secondaryLine(one.points.length) : { width: 1.75 },
      emphasis: { disabled: true },
    })),
  }
}

/** A secondary line has the colour of the line before it, to which it belongs. */
function colourOf(spec: LineSpec, index: number, mode: Mode): string | undefined {
  const colours = SERIES_COLOURS[mode]
  const before = spec.series.slice(0, index + 1).filter(({ secondary }) => !secondary).length
  return colours[Math.max(before - 1, 0) % colours.length]
}

/** Dashes tell a limit; a dense curve would dissolve in them. */
function secondaryLine(points: number) {
  return { width: 1, type: points > 20 ? 'solid' : 'dashed', opacity: points > 20 ? 0.4 : 0.6 }
}

function barOption(spec: BarSpec, mode: Mode): EChartsCoreOption {
  const axis = axes(mode)
  const format = spec.formatY ?? formatMetric
  const names = { ...axis.base, type: 'category', data: [...spec.categories] }
  const values = {
    ...axis.value,
    type: 'value',
    axisLabel: { ...axis.value.axisLabel, formatter: (value: number) => format(value) },
  }
  return {
    grid: grid(spec.series.length, undefined),
    tooltip: {
      ...(baseOption(mode, 0).tooltip as object),
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: PALETTES[mode].hover, opacity: 0.6 } },
      valueFormatter: formatter(format),
    },
    xAxis: spec.horizontal ? values : names,
    yAxis: spec.horizontal ? { ...names, inverse: true } : values,
    series: spec.series.map((one) => ({
      type: 'bar',
      name: one.name,
      data: [...one.values],
      barMaxWidth: 36,
      itemStyle: { borderRadius: spec.horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0] },
    })),
  }
}

function radarOption(spec: RadarSpec, mode: Mode): EChartsCoreOption {
  const colour = PALETTES[mode]
  const format = spec.formatY ?? formatMetric
  return {
    tooltip: { ...(baseOption(mode, 0).tooltip as object), valueFormatter: formatter(format) },
    radar: {
      indicator: spec.axes.map(({ name, max, min }) => ({ name, max, min })),
      radius: '66%',
      center: ['50%', spec.series.length > 1 ? '55%' : '50%'],
      splitNumber: 4,
      axisName: { color: colour['ink-soft'], fontSize: 11.5 },
      axisLine: { lineStyle: { color: colour.line } },
      splitLine: { lineStyle: { color: colour.line } },
      splitArea: { areaStyle: { color: ['transparent', colour.sunken] } },
    },
    series: [
      {
        type: 'radar',
        data: spec.series.map(({ name, values }) => ({ name, value: [...values] })),
        symbolSize: 5,
        lineStyle: { width: 1.75 },
        areaStyle: { opacity: 0.08 },
      },
    ],
  }
}

function parallelOption(spec: ParallelSpec, mode: Mode): EChartsCoreOption {
  const colour = PALETTES[mode]
  const last = spec.axes.length - 1
  const found = spec.rows.map((row) => Number(row[last]))
  const good =
    spec.best === 'low'
      ? [colour.brand, colour['line-strong']]
      : [colour['line-strong'], colour.brand]
  return {
    tooltip: {
      ...(baseOption(mode, 0).tooltip as object),
      trigger: 'item',
      formatter: ({ data }: { data: readonly (number | string)[] }) =>
        spec.axes.map(({ name }, at) => rowText(name, data[at])).join('<br>'),
    },
    parallel: {
      left: 48,
      right: 64,
      top: 34,
      bottom: 24,
      parallelAxisDefault: {
        nameTextStyle: { color: colour['ink-soft'], fontSize: 11.5 },
        nameGap: 14,
        axisLine: { lineStyle: { color: colour['line-strong'] } },
        axisTick: { show: false },
        minorTick: { show: false },
        axisLabel: { color: colour['ink-faint'], fontSize: 11, hideOverlap: true },
        areaSelectStyle: {
          width: 14,
          borderColor: colour.brand,
          color: colour.brand,
          opacity: 0.2,
        },
      },
    },
    parallelAxis: spec.axes.map(({ name, type, categories }, dim) => ({
      dim,
      name,
      type,
      scale: true,
      ...(type === 'category'
        ? { data: [...(categories ?? [])] }
        : { axisLabel: { formatter: (value: number) => formatMetric(value) } }),
    })),
    visualMap: {
      show: false,
      dimension: last,
      min: Math.min(...found),
      max: Math.max(...found),
      inRange: { color: good },
    },
    series: [
      {
        type: 'parallel',
        data: spec.rows.map((row) => [...row]),
        smooth: false,
        lineStyle: { width: 1.5, opacity: 0.75 },
        emphasis: { lineStyle: { width: 3, opacity: 1 } },
        progressive: 0,
      },
    ],
  }
}

/** A name or a choice may hold anything a person wrote; the tooltip is HTML. */
function rowText(name: string, value: number | string | undefined): string {
  const shown = typeof value === 'number' ? formatMetric(value) : (value ?? '–')
  return `${escaped(name)}: <b>${escaped(shown)}</b>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function formatter(format: (value: number) => string) {
  return (value: unknown) => (typeof value === 'number' ? format(value) : '–')
}
