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

export type ChartSpec = LineSpec | BarSpec | RadarSpec
