import { requestHeaders } from '@/api/client'
import { currentProject } from '@/api/project'
import type { Operation } from './spec'

export type Values = Record<string, string>

/** Path and query with the values filled in. What is empty is left out. */
export function addressOf({ path, parameters }: Operation, values: Values): string {
  const filled = path.replace(/\{([^}:]+)(?::[^}]*)?\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  )
  const query = new URLSearchParams()
  for (const { name, in: where } of parameters) {
    const value = values[name] ?? ''
    if (where === 'query' && value !== '') query.append(name, value)
  }
  const asked = query.toString()
  return asked === '' ? filled : `${filled}?${asked}`
}

export function missingOf({ parameters }: Operation, values: Values): string[] {
  return parameters
    .filter(({ name, required, in: where }) => {
      const needed = where === 'path' || (where === 'query' && required === true)
      return needed && (values[name] ?? '') === ''
    })
    .map(({ name }) => name)
}

export interface Reply {
  status: number
  ms: number
  headers: [string, string][]
  body: string
  isJson: boolean
}

const MOST_SHOWN = 200_000

/** A real call, as oneself, in the present project. */
export async function sendCall(
  operation: Operation,
  values: Values,
  body: string | null,
  signal: AbortSignal,
): Promise<Reply> {
  const began = performance.now()
  const response = await fetch(addressOf(operation, values), {
    method: operation.method,
    headers: {
      ...requestHeaders(operation.method),
      ...(body === null ? {} : { 'Content-Type': operation.body?.type ?? 'application/json' }),
    },
    body,
    signal,
  })
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  const words = await response.text()
  return {
    status: response.status,
    ms: performance.now() - began,
    headers: [...response.headers.entries()],
    body: isJson ? pretty(words) : words.slice(0, MOST_SHOWN),
    isJson,
  }
}

function pretty(words: string): string {
  try {
    return JSON.stringify(JSON.parse(words), null, 2)
  } catch {
    return words
  }
}

/** The same call in programs; the token stays a variable. */
export function samplesOf(operation: Operation, values: Values, body: string | null) {
  const url = window.location.origin + addressOf(operation, values)
  const project = currentProject()
  const data = body === null ? null : body.trim()
  const curl = [
    `curl -X ${operation.method} '${url}'`,
    '  -H "Authorization: Bearer $SLIPWAY_TOKEN"',
    ...(project === null ? [] : [`  -H 'X-Slipway-Project: ${project}'`]),
    ...(data === null
      ? []
      : ["  -H 'Content-Type: application/json'", `  -d '${data.replaceAll("'", "'\\''")}'`]),
  ].join(' \\\n')
  const python = [
    'import json, os',
    '',
    'import requests',
    '',
    `answer = requests.request(`,
    `    ${JSON.stringify(operation.method)}, ${JSON.stringify(url)},`,
    '    headers={',
    '        "Authorization": "Bearer " + os.environ["SLIPWAY_TOKEN"],',
    ...(project === null ? [] : [`        "X-Slipway-Project": ${JSON.stringify(project)},`]),
    '    },',
    ...(data === null ? [] : [`    json=json.loads(r"""${data}"""),`]),
    ')',
    'answer.raise_for_status()',
    'print(answer.text)',
  ].join('\n')
  return [
    { language: 'curl', code: curl },
    { language: 'Python', code: python },
  ]
}
