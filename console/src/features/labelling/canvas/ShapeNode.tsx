import type Konva from 'konva'
import type { KonvaEventObject } from 'konva/lib/Node'
import { memo } from 'react'
import { Group, Line, Rect } from 'react-konva'
import type { Shape } from './shapes'

interface Props {
  index: number
  shape: Shape
  colour: string
  filled: boolean
  listening: boolean
  selected?: boolean
  onSelect: (index: number) => void
  drag?: {
    onStart: () => void
    onMove: (node: Konva.Node) => void
    onEnd: (node: Konva.Node) => void
  }
}

/** One shape. It is drawn anew only when it changes: there may be hundreds. */
export const ShapeNode = memo(function ShapeNode(props: Props) {
  const { index, shape, colour, filled, listening, selected, drag } = props
  const pen = {
    stroke: colour,
    strokeWidth: selected ? 2.5 : 1.75,
    strokeScaleEnabled: false,
    // Worked out between two keyframes: nobody drew it here.
    ...(shape.attributes?.interpolated ? { dash: [7, 4] } : {}),
    hitStrokeWidth: 10,
    fill: filled && !shape.is_line ? `${colour}${selected ? '3d' : '24'}` : undefined,
    perfectDrawEnabled: false,
    shadowForStrokeEnabled: false,
    listening,
  }
  const select = (event: KonvaEventObject<PointerEvent>) => {
    if (event.evt.button === 0 && !event.evt.ctrlKey) props.onSelect(index)
  }
  const parts = shape.polygons ?? []
  return (
    <Group
      listening={listening}
      onPointerDown={select}
      draggable={drag !== undefined}
      onDragStart={drag?.onStart}
      onDragMove={drag ? (event) => drag.onMove(event.target) : undefined}
      onDragEnd={drag ? (event) => drag.onEnd(event.target) : undefined}
    >
      {parts.length === 0 ? (
        <Rect x={shape.x} y={shape.y} width={shape.width} height={shape.height} {...pen} />
      ) : (
        parts.map((points, at) => (
          <Line key={at} points={points} closed={!shape.is_line} {...pen} />
        ))
      )}
    </Group>
  )
})
