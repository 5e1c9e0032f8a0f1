export interface Series {
  name: string
  /** x (a number, or milliseconds since 1970 for a time axis) and y; null breaks the line. */
  points: readonly (readonly [x: number, y: number | null])[]
  /** Drawn thin and dashed: a limit, a raw curve under its smoothed one. */
  secondary?: boolean
}

export interface LineSpec {
  kind: 'line'
  series: readonly Series[]
  xAxis: 'number' | 'time'
  xName?: string
  formatY?: (value: number) => string
  logY?: boolean
  minY?: number
  maxY?: number
}

export interface BarSpec {
  kind: 'bar'
  categories: readonly string[]
  series: readonly { name: string; values: readonly (number | null)[] }[]
  formatY?: (value: number) => string
  horizontal?: boolean
}

export interface RadarSpec {
  kind: 'radar'
  /** One axis a data set. */
  axes: readonly { name: string; max?: number; min?: number }[]
  series: readonly { name: string; values: readonly (number | null)[] }[]
  formatY?: (value: number) => string
}

export interface ParallelAxis {
  name: string
  type: 'value' | 'log' | 'category'
  /** Of a category, from bottom to top. */
  categories?: readonly string[]
}

/** A line for every row, across all axes; its colour tells how good it is on the last one. */
export interface ParallelSpec {
  kind: 'parallel'
  axes: readonly ParallelAxis[]
  rows: readonly (readonly (number | string)[])[]
  best: 'low' | 'high'
}

export type ChartSpec = LineSpec | BarSpec | RadarSpec | ParallelSpec
