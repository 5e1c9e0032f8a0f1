import { DeleteOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { memo } from 'react'
import { useText } from '@/base/text'
import { text } from '../work/text'
import type { Shape } from './shapes'

interface Props {
  shapes: readonly Shape[]
  colours: ReadonlyMap<string, string>
  selected: number | null
  readOnly: boolean
  onSelect: (index: number) => void
  onDelete: (index: number) => void
}

/** Every shape as a row: what the canvas shows, for the keyboard and for screen readers. */
export const ShapeList = memo(List, sameRows)

/** The callbacks do the same as long as the rows are the same. */
function sameRows(one: Props, other: Props): boolean {
  return (
    one.shapes === other.shapes &&
    one.colours === other.colours &&
    one.selected === other.selected &&
    one.readOnly === other.readOnly
  )
}

function List({ shapes, colours, selected, readOnly, onSelect, onDelete }: Props) {
  const t = useText(text)
  return (
    <section className="label-shapes" aria-label={t('shapes')}>
      <h2>{t('shapes.count', { count: shapes.length })}</h2>
      <ul>
        {shapes.map((shape, index) => (
          <li key={index} data-selected={index === selected || undefined}>
            <button type="button" aria-pressed={index === selected} onClick={() => onSelect(index)}>
              <i style={{ background: colours.get(shape.label) }} />
              <span>{shape.label}</span>
              <small className="sw-faint sw-num">
                {Math.round(shape.width)} × {Math.round(shape.height)}
              </small>
            </button>
            {readOnly ? null : (
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t('shape.delete', { number: index + 1 })}
                onClick={() => onDelete(index)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
