import type { KonvaEventObject } from 'konva/lib/Node'
import { useRef, useState } from 'react'
import { Image as Picture, Layer, Stage } from 'react-konva'
import { Brush, type BrushHandle } from './Brush'
import { Chosen } from './Chosen'
import { Cross, Draft } from './Draft'
import { onMask } from './masks'
import { ShapeLayer } from './ShapeLayer'
import { outlined, rectangle, MIN_SIDE, type Shape, type Size } from './shapes'
import { toImage, zoomedAt, type View } from './view'

export type Tool = 'select' | 'rectangle' | 'polygon' | 'line' | 'brush' | 'eraser'

export interface CanvasProps {
  image: HTMLImageElement | null
  size: Size
  window: Size
  view: View
  onView: (view: View) => void
  /** While the view moves, what can be clicked need not be known. */
  moving: boolean
  shapes: readonly Shape[]
  selected: number | null
  tool: Tool
  colours: ReadonlyMap<string, string>
  /** The label of what is drawn next. */
  label: string | null
  filled: boolean
  scaling: boolean
  readOnly: boolean
  /** Of the brush, in pixels of the image. */
  radius: number
  /** A polygon closes by itself at this many points. */
  pointLimit: number | null
  /** Points of what is being drawn. */
  draft: readonly number[] | null
  onDraft: (points: readonly number[] | null) => void
  onSelect: (index: number | null) => void
  onAdd: (shape: Shape) => void
  onChange: (index: number, shape: Shape) => void
  onRemove: (index: number) => void
}

const NEAR_PX = 9
const DRAFT = '#ffffff'

/** The image with its shapes. Drawing and dragging stay in here until they are done. */
export function Canvas(props: CanvasProps) {
  const { size, view, window, shapes, selected, tool, colours, readOnly, draft } = props
  const setDraft = props.onDraft
  const [pointer, setPointer] = useState<[number, number] | null>(null)
  const pan = useRef<{ x: number; y: number; view: View } | null>(null)
  const drawn = tool === 'polygon' || tool === 'line'
  const painting = tool === 'brush' || tool === 'eraser'
  const brush = useRef<BrushHandle>(null)
  const [painted, setPainted] = useState(false)

  const at = (event: KonvaEventObject<MouseEvent | PointerEvent>): [number, number] => {
    const place = event.target.getStage()?.getPointerPosition()
    return toImage(view, place?.x ?? 0, place?.y ?? 0)
  }
  const finishLine = (points: readonly number[]) => {
    setDraft(null)
    const shape = props.label === null ? null : outlined(props.label, points, tool === 'line')
    if (shape !== null) props.onAdd(shape)
  }
  const addPoint = ([x, y]: [number, number]) => {
    const point = [Math.min(Math.max(x, 0), size.width), Math.min(Math.max(y, 0), size.height)]
    const points = [...(draft ?? []), ...point]
    const [fx = 0, fy = 0] = points
    const near = Math.hypot((x - fx) * view.scale, (y - fy) * view.scale) < NEAR_PX
    if (tool === 'polygon' && draft !== null && draft.length >= 6 && near) finishLine(draft)
    else if (tool === 'polygon' && points.length === 2 * (props.pointLimit ?? 0)) finishLine(points)
    else setDraft(points)
  }

  const chosen = selected === null ? undefined : shapes[selected]
  const down = (event: KonvaEventObject<PointerEvent>) => {
    const { button, clientX: x, clientY: y } = event.evt
    const onEmpty = event.target === event.target.getStage() || event.target.name() === 'picture'
    const moves =
      button === 1 || (button === 0 && (event.evt.ctrlKey || (tool === 'select' && onEmpty)))
    if (moves) {
      pan.current = { x, y, view }
      if (onEmpty && button === 0 && !event.evt.ctrlKey) props.onSelect(null)
      return
    }
    if (readOnly) return
    if (button === 2 && draft !== null && drawn) finishLine(draft)
    if (button !== 0 || props.label === null || event.target.name() === 'handle') return
    if (painting) {
      if (tool === 'eraser' && chosen === undefined) return
      setPainted(true)
      brush.current?.down(at(event))
    } else if (drawn) addPoint(at(event))
    else if (tool === 'rectangle') {
      setDraft(at(event))
      setPointer(at(event))
    }
  }
  const move = (event: KonvaEventObject<PointerEvent>) => {
    const from = pan.current
    if (from !== null) {
      const { clientX, clientY } = event.evt
      props.onView({
        ...from.view,
        x: from.view.x + clientX - from.x,
        y: from.view.y + clientY - from.y,
      })
      return
    }
    if (tool !== 'select') setPointer(at(event))
    if (painted) brush.current?.move(at(event))
  }
  const up = (event: KonvaEventObject<PointerEvent>) => {
    pan.current = null
    if (painted) {
      setPainted(false)
      const shape = brush.current?.up() ?? null
      if (selected !== null && chosen !== undefined) {
        if (shape === null) props.onRemove(selected)
        else props.onChange(selected, shape)
      } else if (shape !== null) props.onAdd(shape)
      return
    }
    if (tool !== 'rectangle' || draft === null || props.label === null) return
    setDraft(null)
    const [x = 0, y = 0] = draft
    const shape = rectangle(props.label, [x, y], at(event), size)
    if (shape.width >= MIN_SIDE && shape.height >= MIN_SIDE) props.onAdd(shape)
    else props.onSelect(shapeAt(shapes, x, y, size))
  }
  const wheel = (event: KonvaEventObject<WheelEvent>) => {
    event.evt.preventDefault()
    const place = event.target.getStage()?.getPointerPosition()
    if (!place) return
    const { deltaX, deltaY, shiftKey } = event.evt
    if (shiftKey) props.onView({ ...view, x: view.x - deltaY - deltaX, y: view.y })
    else props.onView(zoomedAt(view, Math.exp(-deltaY / 300), place.x, place.y))
  }
  const colour = (of: string | null) => colours.get(of ?? '') ?? DRAFT
  return (
    <Stage
      width={window.width}
      height={window.height}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerLeave={() => setPointer(null)}
      onWheel={wheel}
      onContextMenu={(event) => event.evt.preventDefault()}
      style={{ cursor: tool === 'select' ? 'default' : painting ? 'none' : 'crosshair' }}
    >
      <Layer
        x={view.x}
        y={view.y}
        scaleX={view.scale}
        scaleY={view.scale}
        imageSmoothingEnabled={view.scale < 3}
      >
        {props.image === null ? null : (
          <Picture name="picture" image={props.image} width={size.width} height={size.height} />
        )}
      </Layer>
      <Layer
        x={view.x}
        y={view.y}
        scaleX={view.scale}
        scaleY={view.scale}
        listening={tool === 'select' && !props.moving}
      >
        <ShapeLayer
          shapes={shapes}
          hidden={selected}
          size={size}
          colours={colours}
          filled={props.filled}
          listening={tool === 'select'}
          onSelect={props.onSelect}
          onMiss={(x, y) => props.onSelect(shapeAt(shapes, x, y, size))}
        />
      </Layer>
      <Layer x={view.x} y={view.y} scaleX={view.scale} scaleY={view.scale}>
        {chosen === undefined || selected === null || painted ? null : (
          <Chosen
            key={selected}
            shape={chosen}
            colour={colour(chosen.label)}
            scale={view.scale}
            size={size}
            filled={props.filled}
            scaling={props.scaling}
            readOnly={readOnly || painting}
            onChange={(shape) => props.onChange(selected, shape)}
          />
        )}
        {draft === null || pointer === null ? null : (
          <Draft points={draft} pointer={pointer} tool={tool} scale={view.scale} />
        )}
        {painting && !readOnly ? (
          <Brush
            ref={brush}
            base={chosen ?? null}
            label={props.label ?? ''}
            colour={colour(chosen?.label ?? props.label)}
            size={size}
            radius={props.radius}
            erasing={tool === 'eraser'}
            scale={view.scale}
            pointer={pointer}
          />
        ) : null}
        {tool !== 'select' && !painting && pointer !== null ? (
          <Cross at={pointer} size={size} scale={view.scale} />
        ) : null}
      </Layer>
    </Stage>
  )
}

/** The topmost shape at a point, small ones before those around them. */
function shapeAt(shapes: readonly Shape[], x: number, y: number, size: Size): number | null {
  let found: number | null = null
  shapes.forEach((shape, index) => {
    const inside =
      x >= shape.x &&
      x <= shape.x + shape.width &&
      y >= shape.y &&
      y <= shape.y + shape.height &&
      (shape.mask === undefined || onMask(shape, x, y, size.height))
    const best = found === null ? undefined : shapes[found]
    if (inside && (best === undefined || area(shape) <= area(best))) found = index
  })
  return found
}

const area = ({ width, height }: Shape) => width * height
