import createClient, { type Middleware } from 'openapi-fetch'
import { isAbort, Problem } from '@/base/problem'
import { translate } from '@/base/text'
import { getPreference } from '@/base/preferences'
import { currentProject } from './project'
import type { paths } from './schema'
import { text } from './text'

const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Headers that each request to the API carries. The cookie does the rest. */
export function requestHeaders(method: string): Record<string, string> {
  const headers: Record<string, string> = { 'Accept-Language': getPreference('language') }
  const project = currentProject()
  if (project !== null) headers['X-Slipway-Project'] = project
  const csrf = readCookie('slipway_csrf')
  if (!READING.has(method) && csrf !== null) headers['X-CSRF-Token'] = csrf
  return headers
}

const withHeaders: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(requestHeaders(request.method))) {
      // A call may name another project than the current one.
      if (!request.headers.has(name)) request.headers.set(name, value)
    }
    return request
  },
}

/** Typed by the API's own description: `api.GET('/api/v1/me')`. Wrap calls in `call`. */
export const api = createClient<paths>({ baseUrl: window.location.origin })
api.use(withHeaders)

/** An address that the browser opens by itself (download, image, stream), where no header can go. */
export function apiUrl(path: string, query: Record<string, string> = {}): string {
  const project = currentProject()
  const all = new URLSearchParams({ ...query, ...(project === null ? {} : { project }) })
  return `${path}?${all.toString()}`
}

interface Answer<Data> {
  data?: Data
  error?: unknown
  response: Response
}

/** The data of an answer, or a `Problem`. */
export async function call<Data>(pending: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await pending.catch(rethrowUnreachable)
  if (!response.ok) throw problemFrom(response.status, error)
  return data as Data // openapi-fetch leaves `data` out only where the answer was an error
}

export function problemFrom(status: number, body: unknown): Problem {
  const inner = isRecord(body) && isRecord(body.error) ? body.error : null
  if (inner !== null && typeof inner.message === 'string') {
    const code = typeof inner.code === 'string' ? inner.code : 'unknown'
    return new Problem(status, code, inner.message, isRecord(inner.details) ? inner.details : {})
  }
  return new Problem(status, 'unknown', translate(text, 'noDetails', { status }))
}

export function rethrowUnreachable(cause: unknown): never {
  if (isAbort(cause)) throw cause
  throw new Problem(0, 'unreachable', cause instanceof Error ? cause.message : String(cause))
}

function readCookie(name: string): string | null {
  const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))
  return found === undefined ? null : decodeURIComponent(found.slice(name.length + 1))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
