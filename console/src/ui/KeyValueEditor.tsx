import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import type { ClipboardEvent } from 'react'
import { useText } from '@/base/text'
import { text } from './text'

export interface KeyValue {
  key: string
  value: string
}

interface Props {
  id?: string
  value?: readonly KeyValue[]
  onChange?: (rows: KeyValue[]) => void
  keyPlaceholder?: string
  valuePlaceholder?: string
  /** At most so many rows. */
  max?: number
}

/** Rows of key and value: tags, environment variables, parameters. A field of a form. */
export function KeyValueEditor(props: Props) {
  const { id, value: rows = [], onChange, keyPlaceholder, valuePlaceholder, max = 100 } = props
  const t = useText(text)
  const change = (index: number, part: Partial<KeyValue>) =>
    onChange?.(rows.map((row, at) => (at === index ? { ...row, ...part } : row)))
  const paste = (event: ClipboardEvent, index: number) => {
    const pasted = parsePairs(event.clipboardData.getData('text'))
    if (pasted.length === 0) return
    event.preventDefault()
    const kept = rows.filter((row, at) => at !== index || row.key !== '' || row.value !== '')
    onChange?.([...kept, ...pasted].slice(0, max))
  }
  const doubled = duplicateKeys(rows)
  return (
    <div className="sw-pairs" id={id} role="group">
      {rows.map((row, index) => (
        <div className="sw-pair" key={index}>
          <Input
            aria-label={`${t('kv.key')} ${index + 1}`}
            placeholder={keyPlaceholder ?? t('kv.key')}
            value={row.key}
            status={doubled.has(row.key) ? 'error' : undefined}
            title={doubled.has(row.key) ? t('kv.duplicate') : undefined}
            onChange={(event) => change(index, { key: event.target.value })}
            onPaste={(event) => paste(event, index)}
          />
          <Input
            aria-label={`${t('kv.value')} ${index + 1}`}
            placeholder={valuePlaceholder ?? t('kv.value')}
            value={row.value}
            onChange={(event) => change(index, { value: event.target.value })}
          />
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={`${t('remove')} ${row.key || index + 1}`}
            onClick={() => onChange?.(rows.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {doubled.size > 0 ? (
        <div className="sw-field-error" role="alert">
          {t('kv.duplicate')}: {[...doubled].join(', ')}
        </div>
      ) : null}
      <Button
        type="dashed"
        icon={<PlusOutlined aria-hidden />}
        disabled={rows.length >= max}
        title={t('kv.paste')}
        onClick={() => onChange?.([...rows, { key: '', value: '' }])}
      >
        {t('kv.add')}
      </Button>
    </div>
  )
}

export function duplicateKeys(rows: readonly KeyValue[]): Set<string> {
  const seen = new Set<string>()
  const doubled = new Set<string>()
  for (const { key } of rows) {
    if (key !== '' && seen.has(key)) doubled.add(key)
    seen.add(key)
  }
  return doubled
}

/** `KEY=value` lines; comments, `export` and quotes as in .env files. */
export function parsePairs(pasted: string): KeyValue[] {
  return pasted.split(/\r?\n/).flatMap((line) => {
    const found = /^\s*(?:export\s+)?([^#=\s][^=\s]*)\s*=\s*(.*)$/.exec(line)
    if (found === null) return []
    const [, key = '', raw = ''] = found
    return [{ key, value: raw.trim().replace(/^(["'])(.*)\1$/, '$2') }]
  })
}

export function toRecord(rows: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(
    rows.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value]),
  )
}

export function fromRecord(record: Readonly<Record<string, string>>): KeyValue[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }))
}
