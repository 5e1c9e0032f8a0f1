import { BarChart, LineChart, ParallelChart, RadarChart } from 'echarts/charts'
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  ParallelComponent,
  RadarComponent,
  ToolboxComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { init, use as register, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useMode } from '../palette'
import { chartOption } from './options'
import type { ChartSpec } from './types'

register([
  LineChart,
  BarChart,
  RadarChart,
  ParallelChart,
  ParallelComponent,
  VisualMapComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  DataZoomComponent,
  ToolboxComponent,
  RadarComponent,
  AriaComponent,
  CanvasRenderer,
])

/** The canvas. This module is the only one that imports ECharts, and it is loaded lazily. */
export default function EChart({ spec }: { spec: ChartSpec }) {
  const mode = useMode()
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType>(null)
  useEffect(() => {
    if (box.current === null) return
    const made = init(box.current)
    chart.current = made
    const resize = new ResizeObserver(() => made.resize())
    resize.observe(box.current)
    const zoomOut = () => made.dispatchAction({ type: 'dataZoom', start: 0, end: 100 })
    made.getZr().on('dblclick', zoomOut)
    return () => {
      resize.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])
  useEffect(() => {
    const made = chart.current
    if (made === null) return
    // Legend choices and zoom survive new data; a change in the number of series starts anew.
    made.setOption(chartOption(spec, mode), { replaceMerge: ['series', 'xAxis', 'yAxis'] })
    if (spec.kind === 'line') {
      made.dispatchAction({
        type: 'takeGlobalCursor',
        key: 'dataZoomSelect',
        dataZoomSelectActive: true,
      })
    }
  }, [spec, mode])
  return <div ref={box} className="sw-chart-canvas" />
}
