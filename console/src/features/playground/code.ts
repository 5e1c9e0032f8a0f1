import type { Sample } from '@/ui/CodeBlock'
import { requestBody, type RequestBody } from './request'
import type { Conversation, Service, Side, Turn } from './types'

const PICTURE = 'data:image/png;base64,...'

/** The present conversation as programs to copy; the key stays a variable (PLY-X2). */
export function codeSamples(
  conversation: Conversation,
  side: Side,
  service: Pick<Service, 'url' | 'model' | 'auth'>,
): Sample[] {
  const asked = side.turns.length > 0 ? side.turns : [EXAMPLE]
  const body = { model: service.model, ...requestBody(conversation, asked, () => PICTURE) }
  const { url, auth } = service
  return [
    { language: 'curl', code: curl(url, body, auth) },
    { language: 'Python requests', code: requests(url, body, auth) },
    ...(url.includes('/v1/models/') ? [] : [{ language: 'OpenAI', code: openai(url, body, auth) }]),
  ]
}

const EXAMPLE = { question: 'Hello', pictures: [] } as unknown as Turn

function curl(url: string, body: RequestBody, auth: boolean): string {
  const lines = [
    `curl ${'stream' in body ? '-N ' : ''}'${url}'`,
    ...(auth ? ['  -H "Authorization: Bearer $SLIPWAY_KEY"'] : []),
    "  -H 'Content-Type: application/json'",
    `  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`,
  ]
  return lines.join(' \\\n')
}

function requests(url: string, body: RequestBody, auth: boolean): string {
  const streams = 'stream' in body
  return [
    ...(auth ? ['import os', ''] : []),
    'import requests',
    '',
    `body = ${python(body)}`,
    'answer = requests.post(',
    `    ${JSON.stringify(url)},`,
    ...(auth ? ['    headers={"Authorization": "Bearer " + os.environ["SLIPWAY_KEY"]},'] : []),
    '    json=body,',
    ...(streams ? ['    stream=True,'] : []),
    ')',
    'answer.raise_for_status()',
    ...(streams
      ? [
          'for line in answer.iter_lines(decode_unicode=True):',
          '    if line:',
          '        print(line)',
        ]
      : ['print(answer.json())']),
  ].join('\n')
}

function openai(url: string, body: RequestBody, auth: boolean): string {
  const base = url.replace(/\/(chat\/completions|images\/generations)$/, '')
  const streams = 'stream' in body
  const call = streams ? 'client.chat.completions.create' : 'client.images.generate'
  const { known, extra } = openaiArguments(body)
  const written = Object.entries(known).map(([name, value]) => `    ${name}=${python(value, 4)},`)
  if (Object.keys(extra).length > 0) written.push(`    extra_body=${python(extra, 4)},`)
  return [
    ...(auth ? ['import os', ''] : []),
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url=${JSON.stringify(base)},`,
    `    api_key=${auth ? 'os.environ["SLIPWAY_KEY"]' : '"none"'},`,
    ')',
    `${streams ? 'stream' : 'pictures'} = ${call}(`,
    ...written,
    ')',
    ...(streams
      ? [
          'for chunk in stream:',
          '    if chunk.choices:',
          '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
        ]
      : ['print(len(pictures.data), "pictures")']),
  ].join('\n')
}

/** Arguments that the official client does not know go into `extra_body`. */
const FOREIGN = new Set(['top_k', 'num_inference_steps', 'negative_prompt', 'repetition_penalty'])

function openaiArguments(body: RequestBody) {
  const isImage = 'prompt' in body
  const foreign = (name: string) =>
    FOREIGN.has(name) || (isImage && (name === 'seed' || name === 'style'))
  const entries = Object.entries(body)
  return {
    known: Object.fromEntries(entries.filter(([name]) => !foreign(name))),
    extra: Object.fromEntries(entries.filter(([name]) => foreign(name))),
  }
}

/** JSON as Python writes it. */
export function python(value: unknown, indent = 0): string {
  const inner = ' '.repeat(indent + 4)
  const end = ' '.repeat(indent)
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((one) => `${inner}${python(one, indent + 4)},`)
    return `[\n${items.join('\n')}\n${end}]`
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const lines = entries.map(
    ([key, one]) => `${inner}${JSON.stringify(key)}: ${python(one, indent + 4)},`,
  )
  return `{\n${lines.join('\n')}\n${end}}`
}
