import { Radio } from 'antd'
import { useText } from '@/base/text'
import { ALL_KINDS, KINDS, type Kind } from '../kinds'
import { text as shared } from '../text'
import { text } from './text'

interface Props {
  id?: string
  value?: Kind
  onChange?: (kind: Kind) => void
}

export function KindField({ id, value, onChange }: Props) {
  const t = useText(text)
  const s = useText(shared)
  return (
    <Radio.Group
      id={id}
      className="datasets-kinds"
      value={value}
      onChange={(event) => onChange?.(event.target.value as Kind)}
    >
      {ALL_KINDS.map((kind) => (
        <Radio key={kind} value={kind}>
          <span className="datasets-kind sw-strong">
            {KINDS[kind].icon} {s(`kind.${kind}`)}
          </span>
          <small>{t(`kind.${kind}.hint`)}</small>
        </Radio>
      ))}
    </Radio.Group>
  )
}
