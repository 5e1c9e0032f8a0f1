import { useText } from '@/base/text'
import { resolved, typeWords, withoutNull, type JsonSchema, type Spec } from './spec'
import { text } from './text'

const MOST_LEVELS = 4

interface Props {
  schema: JsonSchema
  spec: Spec
  label: string
}

interface Field {
  name: string
  level: number
  type: string
  required: boolean
  what: string
  fallback: string
}

/** The fields of an object with those of the objects in it, indented. */
export function SchemaTable({ schema, spec, label }: Props) {
  const t = useText(text)
  const fields = fieldsOf(schema, spec, 0)
  if (fields.length === 0) {
    return (
      <p className="reference-plain">
        <code>{typeWords(schema, spec)}</code>
      </p>
    )
  }
  return (
    <table className="reference-fields" aria-label={label}>
      <thead>
        <tr>
          <th>{t('name')}</th>
          <th>{t('type')}</th>
          <th>{t('what')}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ name, level, type, required, what, fallback }, at) => (
          <tr key={at}>
            <td style={{ paddingLeft: 12 + level * 18 }}>
              <code>{name}</code>
              {required ? <em className="reference-required">*</em> : null}
            </td>
            <td>
              <code>{type}</code>
            </td>
            <td>
              {what}
              {fallback === '' ? null : (
                <small className="sw-faint"> {t('default', { value: fallback })}</small>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function fieldsOf(given: JsonSchema, spec: Spec, level: number): Field[] {
  const schema = resolved(withoutNull(given).schema, spec)
  if (level > MOST_LEVELS) return []
  if (schema.type === 'array') return fieldsOf(schema.items ?? {}, spec, level)
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) => [
    {
      name,
      level,
      type: typeWords(one, spec),
      required: required.has(name),
      what: one.description ?? '',
      fallback: fallbackOf(one),
    },
    ...(level < MOST_LEVELS ? fieldsOf(one, spec, level + 1) : []),
  ])
}

function fallbackOf({ default: value }: JsonSchema): string {
  if (value === undefined || value === null || value === '') return ''
  const words = JSON.stringify(value)
  return words === '{}' || words === '[]' ? '' : words
}
