import { InputNumber } from 'antd'
import { GIB } from './amounts'

interface GibProps {
  id?: string
  'aria-label'?: string
  value?: number
  onChange?: (bytes: number | null) => void
}

/** Bytes, written in GiB. */
export function GibInput({ id, value, onChange, ...rest }: GibProps) {
  return (
    <InputNumber<number>
      id={id}
      aria-label={rest['aria-label']}
      min={0.01}
      max={65_536}
      step={1}
      suffix="GiB"
      value={value === undefined ? undefined : Math.round((value / GIB) * 100) / 100}
      onChange={(gib) => onChange?.(gib === null ? null : Math.round(gib * GIB))}
    />
  )
}
