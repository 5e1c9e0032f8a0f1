import { sentence } from './sentences'
import { defineText, translate, type KeyOf } from './text'

/** What the API refused, or what kept us from reaching it. `status` 0: no answer at all. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly details: Record<string, unknown>

  constructor(
    status: number,
    code: string,
    message: string,
    details: Record<string, unknown> = {},
  ) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.details = details
  }
}

export interface ProblemWords {
  title: string
  message: string
}

const text = defineText(
  'problem',
  {
    offline: 'The server does not answer',
    'offline.message':
      'Check that Slipway is running and that your network reaches it. Nothing was lost.',
    signedOut: 'You are signed out',
    forbidden: 'Not permitted',
    missing: 'Not found',
    conflict: 'Not possible now',
    invalid: 'Something needs correcting',
    tooLarge: 'Too large',
    tooMany: 'Too many requests',
    unavailable: 'Temporarily not available',
    full: 'Storage is full',
    server: 'The server failed',
    unexpected: 'Something went wrong in this page',
  },
  {
    offline: '服务器没有响应',
    'offline.message': '请确认 Slipway 正在运行且网络可以访问。已保存的内容不会丢失。',
    signedOut: '登录已失效',
    forbidden: '没有权限',
    missing: '未找到',
    conflict: '当前无法执行',
    invalid: '有内容需要修改',
    tooLarge: '内容过大',
    tooMany: '请求过于频繁',
    unavailable: '暂时不可用',
    full: '存储空间已满',
    server: '服务器出错',
    unexpected: '页面出现异常',
  },
)

const TITLES: Record<number, KeyOf<typeof text>> = {
  400: 'invalid',
  401: 'signedOut',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
  413: 'tooLarge',
  422: 'invalid',
  429: 'tooMany',
  503: 'unavailable',
  507: 'full',
}

/** The one place that turns an error into words for people. */
export function problemWords(error: unknown): ProblemWords {
  if (!(error instanceof Problem)) {
    const message = error instanceof Error ? error.message : String(error)
    return { title: translate(text, 'unexpected'), message }
  }
  if (error.status === 0) {
    return { title: translate(text, 'offline'), message: translate(text, 'offline.message') }
  }
  return {
    title: translate(text, TITLES[error.status] ?? 'server'),
    message: sentence(error.message),
  }
}

/**
 * Sentences by field name, for forms. Reads both forms the API uses:
 * `details.fields = {name: "sentence"}` and `details.errors = [{loc: ["body", "name"], msg}]`,
 * and `details.field` naming the one field that the message is about.
 */
export function fieldProblems(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {}
  const { fields, errors, field } = error.details
  if (isRecord(fields)) return mapText(fields)
  if (Array.isArray(errors)) return Object.fromEntries(errors.flatMap(locatedProblem))
  if (typeof field === 'string') return { [field]: sentence(error.message) }
  return {}
}

function locatedProblem(entry: unknown): [string, string][] {
  if (!isRecord(entry) || !Array.isArray(entry.loc)) return []
  const path = entry.loc.filter((part) => part !== 'body').join('.')
  const message = entry.msg ?? entry.message
  return path !== '' && typeof message === 'string' ? [[path, sentence(message)]] : []
}

function mapText(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, sentence(String(value))]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Someone stopped it on purpose: nothing to tell. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
