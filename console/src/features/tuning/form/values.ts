import { copiedValues, EMPTY, toForm, type Values } from '@/features/training/form/values'
import type { Parameter, SearchDetail, SearchForm } from '../queries'

export type Method = SearchForm['method']
export type Value = string | number | boolean

export interface ParameterRow {
  name: string
  kind: Parameter['kind']
  /** Of a choice, as written. */
  values: string[]
  low: number | null
  high: number | null
  log: boolean
  points: number | null
}

/** The form of a task, and what is searched for over it. */
export interface SearchValues extends Values {
  space: ParameterRow[]
  metric: string
  direction: 'minimize' | 'maximize'
  method: Method
  max_trials: number
  parallel: number
  seed: number
  early: boolean
  min_reports: number
  factor: number
  max_failures: number
}

export const SEARCH: Omit<SearchValues, keyof Values> = {
  space: [],
  metric: 'loss',
  direction: 'minimize',
  method: 'random',
  max_trials: 20,
  parallel: 2,
  seed: 0,
  early: false,
  min_reports: 1,
  factor: 3,
  max_failures: 3,
}

export const EMPTY_SEARCH: SearchValues = { ...EMPTY, ...SEARCH }

export const NEW_ROW: ParameterRow = {
  name: '',
  kind: 'float',
  values: [],
  low: null,
  high: null,
  log: false,
  points: null,
}

/** A search that is there, to be changed and started as another. */
export function copiedSearch(search: SearchDetail): SearchValues {
  const task = copiedValues({ spec: { ...search.task, name: search.name } })
  return {
    ...task,
    description: search.description,
    space: search.space.map((one) => ({
      ...one,
      values: one.values.map(String),
      points: one.points ?? null,
    })),
    metric: search.metric,
    direction: search.direction,
    method: search.method,
    max_trials: search.max_trials,
    parallel: search.parallel,
    seed: search.seed,
    early: search.early_stopping !== null,
    min_reports: search.early_stopping?.min_reports ?? SEARCH.min_reports,
    factor: search.early_stopping?.factor ?? SEARCH.factor,
    max_failures: search.max_failures,
  }
}

export function toSearchForm(values: SearchValues): SearchForm {
  const { metric, direction, method, max_trials, parallel, seed, max_failures } = values
  const early = values.early || method === 'halving'
  return {
    name: values.name.trim(),
    description: values.description.trim(),
    tags: {},
    task: toForm(values),
    space: values.space.map((row) => parameterOf(row, method)),
    metric: metric.trim(),
    direction,
    method,
    max_trials,
    parallel,
    seed,
    max_failures,
    early_stopping: early ? { min_reports: values.min_reports, factor: values.factor } : null,
  }
}

function parameterOf(row: ParameterRow, method: Method): Parameter {
  const name = row.name.trim()
  if (row.kind === 'choice') {
    return { name, kind: 'choice', values: row.values.map(typed), low: 0, high: 0, log: false }
  }
  const { kind, log } = row
  const points = method === 'grid' ? row.points : null
  return { name, kind, values: [], low: row.low ?? 0, high: row.high ?? 0, log, points }
}

/** A choice is written as text; what reads as a number or a truth value is one. */
export function typed(written: string): Value {
  const text = written.trim()
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

export type SpaceProblem = 'name' | 'same' | 'values' | 'range' | 'log' | 'points'

/** The first thing wrong with the space, with its row from 1; null where there is nothing. */
export function spaceProblem(
  rows: readonly ParameterRow[],
  method: Method,
): { row: number; what: SpaceProblem } | null {
  const names = rows.map(({ name }) => name.trim())
  for (const [at, row] of rows.entries()) {
    const what = rowProblem(row, names.slice(0, at), method)
    if (what !== null) return { row: at + 1, what }
  }
  return null
}

function rowProblem(row: ParameterRow, before: string[], method: Method): SpaceProblem | null {
  const name = row.name.trim()
  if (name === '') return 'name'
  if (before.includes(name)) return 'same'
  if (row.kind === 'choice') return row.values.length === 0 ? 'values' : null
  if (row.low === null || row.high === null || row.low > row.high) return 'range'
  if (row.log && row.low <= 0) return 'log'
  return method === 'grid' && row.kind === 'float' && row.points === null ? 'points' : null
}

/** How many points a grid over these rows has. */
export function gridSize(rows: readonly ParameterRow[]): number {
  return rows.reduce((size, row) => size * rowSize(row), 1)
}

function rowSize({ kind, values, low, high, points }: ParameterRow): number {
  if (kind === 'choice') return values.length
  const all = kind === 'integer' ? (high ?? 0) - (low ?? 0) + 1 : Infinity
  const asked = points ?? (all <= 200 ? all : 200)
  return Math.max(Math.min(asked, all), 0)
}
