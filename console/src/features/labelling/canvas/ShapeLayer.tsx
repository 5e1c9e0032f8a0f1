import { memo } from 'react'
import { onMask } from './masks'
import { MaskNode } from './MaskNode'
import { ShapeNode } from './ShapeNode'
import type { Shape, Size } from './shapes'

interface Props {
  shapes: readonly Shape[]
  /** The selected one lies on a layer of its own. */
  hidden: number | null
  size: Size
  colours: ReadonlyMap<string, string>
  filled: boolean
  listening: boolean
  onSelect: (index: number) => void
  /** A click into the rectangle of a mask, but beside its pixels. */
  onMiss: (x: number, y: number) => void
}

const NONE = '#ffffff'

/** All shapes but the selected one. There may be hundreds, so moving the view must not touch them. */
export const ShapeLayer = memo(
  function ShapeLayer({
    shapes,
    hidden,
    size,
    colours,
    filled,
    listening,
    onSelect,
    onMiss,
  }: Props) {
    return shapes.map((shape, index) => {
      if (index === hidden) return null
      const colour = colours.get(shape.label) ?? NONE
      const common = { index, shape, colour, filled, listening }
      if (shape.mask === undefined) {
        return <ShapeNode key={index} {...common} onSelect={onSelect} />
      }
      return (
        <MaskNode
          key={index}
          {...common}
          size={size}
          onSelect={(at, event) => {
            const place = event.target.getRelativePointerPosition()
            if (!place) return
            const [x, y] = [shape.x + place.x, shape.y + place.y]
            if (onMask(shape, x, y, size.height)) onSelect(at)
            else onMiss(x, y)
          }}
        />
      )
    })
  },
  // The callbacks do the same whichever render they come from, except for what is compared here.
  (one, other) =>
    one.shapes === other.shapes &&
    one.hidden === other.hidden &&
    one.size === other.size &&
    one.colours === other.colours &&
    one.filled === other.filled &&
    one.listening === other.listening,
)
