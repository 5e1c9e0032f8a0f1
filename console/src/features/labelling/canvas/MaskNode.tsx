import type Konva from 'konva'
import type { KonvaEventObject } from 'konva/lib/Node'
import { memo, useMemo } from 'react'
import { Image as Picture, Rect } from 'react-konva'
import { tinted } from './masks'
import type { Shape, Size } from './shapes'

interface Props {
  index: number
  shape: Shape
  size: Size
  colour: string
  filled: boolean
  listening: boolean
  selected?: boolean
  onSelect: (index: number, event: KonvaEventObject<PointerEvent>) => void
  drag?: {
    onMove: (node: Konva.Node) => void
    onEnd: (node: Konva.Node) => void
  }
}

/** A mask, painted once and then only moved about. */
export const MaskNode = memo(function MaskNode(props: Props) {
  const { index, shape, size, colour, filled, selected, listening, drag } = props
  const image = useMemo(() => tinted(shape, size, colour), [shape, size, colour])
  const { x, y, width, height } = shape
  return (
    <>
      <Picture
        name="mask"
        image={image}
        x={x}
        y={y}
        opacity={filled ? (selected ? 0.55 : 0.42) : 0.15}
        imageSmoothingEnabled={false}
        perfectDrawEnabled={false}
        listening={listening}
        onPointerDown={(event: KonvaEventObject<PointerEvent>) => {
          if (event.evt.button === 0 && !event.evt.ctrlKey) props.onSelect(index, event)
        }}
        draggable={drag !== undefined}
        onDragMove={drag ? (event) => drag.onMove(event.target) : undefined}
        onDragEnd={drag ? (event) => drag.onEnd(event.target) : undefined}
      />
      <Rect
        x={x}
        y={y}
        width={width}
        height={height}
        stroke={colour}
        strokeWidth={selected ? 2 : 1}
        dash={[6, 4]}
        strokeScaleEnabled={false}
        opacity={selected ? 1 : 0.6}
        listening={false}
      />
    </>
  )
})
