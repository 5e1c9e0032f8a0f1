import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, ColorPicker, Input } from 'antd'
import type { ClipboardEvent } from 'react'
import { useText } from '@/base/text'
import { text } from './text'

export interface LabelValue {
  name: string
  colour: string | null
}

interface Props {
  id?: string
  value?: readonly LabelValue[]
  onChange?: (values: LabelValue[]) => void
  /** So many at the beginning are in use and stay. */
  kept?: number
}

/** Label values with their colours. A list that is pasted becomes as many rows. */
export function LabelValues({ id, value: rows = [], onChange, kept = 0 }: Props) {
  const t = useText(text)
  const change = (at: number, part: Partial<LabelValue>) =>
    onChange?.(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  const paste = (event: ClipboardEvent, at: number) => {
    const names = event.clipboardData
      .getData('text')
      .split(/[\n,;\t]+/)
      .map((name) => name.trim())
      .filter(Boolean)
    if (names.length < 2) return
    event.preventDefault()
    const added = names.map((name) => ({ name, colour: null }))
    onChange?.([...rows.slice(0, at), ...added, ...rows.slice(at + 1)])
  }
  return (
    <div id={id} className="label-values">
      {rows.map((row, at) => (
        <div key={at} className="label-value">
          <ColorPicker
            size="small"
            disabledAlpha
            value={row.colour ?? undefined}
            allowClear={false}
            aria-label={t('labels.colour', { number: at + 1 })}
            onChangeComplete={(colour) => change(at, { colour: colour.toHexString().slice(0, 7) })}
          />
          <Input
            value={row.name}
            maxLength={64}
            autoComplete="off"
            disabled={at < kept}
            aria-label={t('labels.name', { number: at + 1 })}
            onChange={(event) => change(at, { name: event.target.value })}
            onPaste={(event) => paste(event, at)}
          />
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            disabled={at < kept}
            aria-label={t('labels.remove', { number: at + 1 })}
            onClick={() => onChange?.(rows.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <div>
        <Button
          type="dashed"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => onChange?.([...rows, { name: '', colour: null }])}
        >
          {t('labels.add')}
        </Button>
      </div>
    </div>
  )
}
