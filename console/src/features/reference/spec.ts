import { queryOptions } from '@tanstack/react-query'

/** The little of OpenAPI 3.1 that the page reads. */
export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  title?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  format?: string
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  required?: string[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  maxLength?: number
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  description?: string
  schema?: JsonSchema
}

interface Content {
  content?: Record<string, { schema?: JsonSchema }>
  description?: string
}

interface RawOperation {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: Content & { required?: boolean }
  responses?: Record<string, Content>
}

export interface Spec {
  info: { title: string; version: string }
  paths: Record<string, Record<string, RawOperation>>
  components?: { schemas?: Record<string, JsonSchema> }
}

export interface Operation {
  id: string
  tag: string
  method: string
  path: string
  summary: string
  description: string
  parameters: Parameter[]
  /** What the body is made of, by media type; null where there is none. */
  body: { type: string; schema: JsonSchema; required: boolean } | null
  responses: { status: string; description: string; schema: JsonSchema | null }[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

export const specQuery = queryOptions({
  queryKey: ['openapi'],
  queryFn: async ({ signal }): Promise<Spec> => {
    const response = await fetch('/api/v1/openapi.json', { signal })
    if (!response.ok) throw new Error(`openapi.json: ${response.status}`)
    return (await response.json()) as Spec
  },
  staleTime: Infinity,
})

/** Every call, in the document's order. */
export function operationsOf(spec: Spec): Operation[] {
  return Object.entries(spec.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const raw = methods[method]
      return raw === undefined ? [] : [operationOf(path, method, raw)]
    }),
  )
}

function operationOf(path: string, method: string, raw: RawOperation): Operation {
  const [type, content] = Object.entries(raw.requestBody?.content ?? {})[0] ?? []
  return {
    id: raw.operationId ?? `${method} ${path}`,
    tag: raw.tags?.[0] ?? '',
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? '',
    description: raw.description ?? '',
    parameters: raw.parameters ?? [],
    body:
      type === undefined
        ? null
        : { type, schema: content?.schema ?? {}, required: raw.requestBody?.required ?? false },
    responses: Object.entries(raw.responses ?? {}).map(([status, response]) => ({
      status,
      description: response.description ?? '',
      schema: Object.values(response.content ?? {})[0]?.schema ?? null,
    })),
  }
}

export function resolved(schema: JsonSchema, spec: Spec): JsonSchema {
  const name = schema.$ref?.replace('#/components/schemas/', '')
  const found = name === undefined ? undefined : spec.components?.schemas?.[name]
  if (found === undefined) return schema
  return { ...found, title: name, ...schema, $ref: undefined }
}

/** `A | null` is an `A` that may be left out. */
export function withoutNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices === undefined) return { schema, nullable: false }
  const kept = choices.filter(({ type }) => type !== 'null')
  const [only] = kept
  if (kept.length === 1 && only !== undefined) {
    const plain = { ...schema, anyOf: undefined, oneOf: undefined, ...only }
    return { schema: plain, nullable: kept.length < choices.length }
  }
  return { schema: { ...schema, anyOf: kept }, nullable: kept.length < choices.length }
}

/** `array of ServiceView`, `integer`, `string | null`. */
export function typeWords(given: JsonSchema, spec: Spec): string {
  const { schema: inner, nullable } = withoutNull(given)
  const schema = resolved(inner, spec)
  const end = nullable ? ' | null' : ''
  if (schema.const !== undefined) return JSON.stringify(schema.const) + end
  if (schema.enum !== undefined)
    return schema.enum.map((one) => JSON.stringify(one)).join(' | ') + end
  if (schema.anyOf !== undefined)
    return schema.anyOf.map((one) => typeWords(one, spec)).join(' | ') + end
  if (schema.type === 'array') return `array of ${typeWords(schema.items ?? {}, spec)}${end}`
  if (inner.$ref !== undefined) return (schema.title ?? 'object') + end
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `map of ${typeWords(schema.additionalProperties, spec)}${end}`
  }
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type
  return (
    (schema.format === undefined ? (type ?? 'any') : `${type ?? 'any'} (${schema.format})`) + end
  )
}

/** A body to start from: what is required, with its defaults and the plainest values. */
export function exampleOf(given: JsonSchema, spec: Spec, depth = 0): unknown {
  const { schema: inner, nullable } = withoutNull(given)
  const schema = resolved(inner, spec)
  if (given.default !== undefined) return given.default
  if (schema.default !== undefined) return schema.default
  if (nullable || depth > 6) return null
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice !== undefined) return exampleOf(choice, spec, depth)
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'boolean':
      return false
    case 'array':
      return []
    default: {
      const required = new Set(schema.required)
      const entries = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name))
      return Object.fromEntries(
        entries.map(([name, one]) => [name, exampleOf(one, spec, depth + 1)]),
      )
    }
  }
}
