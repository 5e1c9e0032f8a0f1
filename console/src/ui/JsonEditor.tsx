import { Button, Input } from 'antd'
import { useText, type KeyOf, type Translate } from '@/base/text'
import { text } from './text'

interface Props {
  id?: string
  /** The text itself: half-written JSON must survive. */
  value?: string
  onChange?: (value: string) => void
  /** A sentence about what is wrong beyond the grammar, or null. */
  check?: (parsed: unknown) => string | null
  rows?: number
  'aria-label'?: string
}

/** JSON as text, with the place of a mistake. A field of a form; `jsonRule` refuses what is wrong. */
export function JsonEditor({ id, value = '', onChange, check, rows = 8, ...rest }: Props) {
  const t = useText(text)
  const { parsed, problem } = parseJson(value)
  const words =
    problem === null
      ? parsed === undefined
        ? null
        : (check?.(parsed) ?? null)
      : problemWords(t, problem)
  const canFormat = problem === null && parsed !== undefined
  return (
    <div className="sw-json">
      <Input.TextArea
        id={id}
        aria-label={rest['aria-label']}
        aria-invalid={words !== null}
        className="sw-mono"
        rows={rows}
        spellCheck={false}
        status={words === null ? undefined : 'error'}
        value={value}
        onChange={(event) => onChange?.(event.target.value)}
      />
      <div className="sw-json-foot">
        <span className="sw-field-error" role="alert">
          {words}
        </span>
        <Button
          type="text"
          size="small"
          disabled={!canFormat}
          onClick={() => onChange?.(JSON.stringify(parsed, null, 2))}
        >
          {t('json.format')}
        </Button>
      </div>
    </div>
  )
}

/** Browsers say where in words of their own, in English: the place is taken out of them. */
function problemWords(t: Translate<KeyOf<typeof text>>, problem: string): string {
  const place = /\(?(?:at )?line (\d+) column (\d+)(?: of the JSON data)?\)?/.exec(problem)
  if (place === null) return t('json.invalid', { reason: problem })
  const [all, line = '', column = ''] = place
  const reason = problem
    .replace(all, '')
    .replace(/ in JSON at position \d+/, '')
    .trim()
  return t('json.invalidAt', { line, column, reason })
}

interface Parsed {
  parsed: unknown
  problem: string | null
}

/** Nothing written is no mistake: then `parsed` is undefined. */
export function parseJson(written: string): Parsed {
  if (written.trim() === '') return { parsed: undefined, problem: null }
  try {
    return { parsed: JSON.parse(written) as unknown, problem: null }
  } catch (error) {
    return { parsed: undefined, problem: error instanceof Error ? error.message : String(error) }
  }
}
