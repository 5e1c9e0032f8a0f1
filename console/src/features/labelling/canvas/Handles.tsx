import type { KonvaEventObject } from 'konva/lib/Node'
import { Circle, Rect } from 'react-konva'
import { fitted, withPoint, type Shape, type Size } from './shapes'

interface Props {
  shape: Shape
  scale: number
  size: Size
  scaling: boolean
  onMove: (shape: Shape) => void
  onDone: (shape: Shape) => void
}

/** What is dragged to change a shape: eight places of a rectangle, the points of an outline. */
export function Handles(props: Props) {
  return props.shape.polygons?.length && !props.scaling ? (
    <Points {...props} />
  ) : (
    <Corners {...props} />
  )
}

const SIDES = [
  [0, 0, 'nwse-resize'],
  [0.5, 0, 'ns-resize'],
  [1, 0, 'nesw-resize'],
  [1, 0.5, 'ew-resize'],
  [1, 1, 'nwse-resize'],
  [0.5, 1, 'ns-resize'],
  [0, 1, 'nesw-resize'],
  [0, 0.5, 'ew-resize'],
] as const

function Corners({ shape, scale, size, onMove, onDone }: Props) {
  const side = 9 / scale
  return SIDES.map(([across, down, cursor]) => {
    const changed = (event: KonvaEventObject<DragEvent>) => {
      const node = event.target
      const [x, y] = [node.x() + side / 2, node.y() + side / 2]
      return fitted(shape, stretched(shape, across, down, x, y), size)
    }
    return (
      <Rect
        key={`${across} ${down}`}
        name="handle"
        x={shape.x + across * shape.width - side / 2}
        y={shape.y + down * shape.height - side / 2}
        width={side}
        height={side}
        fill="#ffffff"
        stroke="#1f2937"
        strokeWidth={1 / scale}
        hitStrokeWidth={8 / scale}
        draggable
        onPointerEnter={(event) => setCursor(event, cursor)}
        onPointerLeave={(event) => setCursor(event, '')}
        onDragMove={(event) => onMove(changed(event))}
        onDragEnd={(event) => onDone(changed(event))}
      />
    )
  })
}

function Points({ shape, scale, size, onMove, onDone }: Props) {
  return (shape.polygons ?? []).flatMap((points, part) =>
    Array.from({ length: points.length / 2 }, (_, at) => {
      const changed = (event: KonvaEventObject<DragEvent>) =>
        withPoint(shape, part, at, [event.target.x(), event.target.y()], size)
      return (
        <Circle
          key={`${part} ${at}`}
          name="handle"
          x={points[2 * at]}
          y={points[2 * at + 1]}
          radius={5 / scale}
          fill="#ffffff"
          stroke="#1f2937"
          strokeWidth={1 / scale}
          hitStrokeWidth={8 / scale}
          draggable
          onPointerEnter={(event) => setCursor(event, 'move')}
          onPointerLeave={(event) => setCursor(event, '')}
          onDragMove={(event) => onMove(changed(event))}
          onDragEnd={(event) => onDone(changed(event))}
        />
      )
    }),
  )
}

/** The rectangle after one of its handles went to a point; it never turns inside out. */
function stretched(shape: Shape, across: number, down: number, x: number, y: number) {
  const [right, bottom] = [shape.x + shape.width, shape.y + shape.height]
  const x0 = across === 0 ? Math.min(x, right - 2) : shape.x
  const x1 = across === 1 ? Math.max(x, shape.x + 2) : right
  const y0 = down === 0 ? Math.min(y, bottom - 2) : shape.y
  const y1 = down === 1 ? Math.max(y, shape.y + 2) : bottom
  const left = Math.max(x0, 0)
  const top = Math.max(y0, 0)
  return { x: left, y: top, width: x1 - left, height: y1 - top }
}

function setCursor(event: KonvaEventObject<PointerEvent>, cursor: string): void {
  const container = event.target.getStage()?.container()
  if (container) container.style.cursor = cursor
}
