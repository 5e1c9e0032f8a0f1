import { CopyOutlined, DeleteOutlined, SplitCellsOutlined } from '@ant-design/icons'
import { Button, Segmented, Tooltip } from 'antd'
import { useText } from '@/base/text'
import type { Direction, OcrBox } from './boxes'
import { roleSaid, type Role } from './links'
import { text } from './text'

interface Props {
  boxes: readonly OcrBox[]
  /** Whether roles are set here (standard mode). */
  roles: boolean
  readOnly: boolean
  onDirection: (direction: Direction) => void
  onRole: (role: Role | null) => void
  onCopy: () => void
  onSplit: () => void
  onDelete: () => void
}

type Choice = Role | 'none'

/** What is done to the selected boxes. */
export function SelectionBar(props: Props) {
  const t = useText(text)
  const { boxes, readOnly } = props
  const last = boxes.at(-1)
  const off = readOnly || last === undefined
  return (
    <section className="ocr-selection" aria-label={t('selection')}>
      <Segmented<Direction>
        size="small"
        aria-label={t('direction')}
        disabled={off}
        value={last?.attributes.direction ?? 'horizontal'}
        onChange={props.onDirection}
        options={(['horizontal', 'vertical'] as const).map((value) => ({
          value,
          label: t(value),
        }))}
      />
      {props.roles ? (
        <Segmented<Choice>
          size="small"
          aria-label={t('role')}
          disabled={off}
          value={(last && roleSaid(last)) ?? 'none'}
          onChange={(role) => props.onRole(role === 'none' ? null : role)}
          options={(['none', 'key', 'value'] as const).map((value) => ({
            value,
            label: t(`choice.${value}`),
            title: t(`choice.${value}.hint`),
          }))}
        />
      ) : null}
      <span className="label-group">
        <Action
          name={`${t('copy')} (F1)`}
          off={off}
          icon={<CopyOutlined aria-hidden />}
          run={props.onCopy}
        />
        <Action
          name={`${t('split')} (F6)`}
          off={off}
          icon={<SplitCellsOutlined aria-hidden />}
          run={props.onSplit}
        />
        <Action
          name={`${t('delete')} (F4)`}
          off={off}
          icon={<DeleteOutlined aria-hidden />}
          run={props.onDelete}
        />
      </span>
    </section>
  )
}

interface ActionProps {
  name: string
  off: boolean
  icon: React.ReactNode
  run: () => void
}

function Action({ name, off, icon, run }: ActionProps) {
  return (
    <Tooltip title={name}>
      <Button size="small" type="text" icon={icon} aria-label={name} disabled={off} onClick={run} />
    </Tooltip>
  )
}
