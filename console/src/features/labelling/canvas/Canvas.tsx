import type Konva from 'konva'
import type { KonvaEventObject } from 'konva/lib/Node'
import { useRef, useState } from 'react'
import { Circle, Image as Picture, Layer, Line, Rect, Stage } from 'react-konva'
import { Handles } from './Handles'
import { ShapeNode } from './ShapeNode'
import { moved, outlined, rectangle, MIN_SIDE, type Shape, type Size } from './shapes'
import { toImage, zoomedAt, type View } from './view'

export type Tool = 'select' | 'rectangle' | 'polygon' | 'line'

interface Props {
  image: HTMLImageElement | null
  size: Size
  window: Size
  view: View
  onView: (view: View) => void
  shapes: readonly Shape[]
  selected: number | null
  tool: Tool
  colours: ReadonlyMap<string, string>
  /** The label of what is drawn next. */
  label: string | null
  filled: boolean
  readOnly: boolean
  /** A polygon closes by itself at this many points. */
  pointLimit: number | null
  /** Points of what is being drawn. */
  draft: readonly number[] | null
  onDraft: (points: readonly number[] | null) => void
  onSelect: (index: number | null) => void
  onAdd: (shape: Shape) => void
  onChange: (index: number, shape: Shape) => void
}

const NEAR_PX = 9
const DRAFT = '#ffffff'

/** The image with its shapes. Drawing and dragging stay in here until they are done. */
export function Canvas(props: Props) {
  const { size, view, window, shapes, selected, tool, colours, readOnly, draft } = props
  const setDraft = props.onDraft
  const [pointer, setPointer] = useState<[number, number] | null>(null)
  const pan = useRef<{ x: number; y: number; view: View } | null>(null)
  const drawn = tool === 'polygon' || tool === 'line'

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
    if (drawn) addPoint(at(event))
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
  }
  const up = (event: KonvaEventObject<PointerEvent>) => {
    pan.current = null
    if (tool !== 'rectangle' || draft === null || props.label === null) return
    setDraft(null)
    const [x = 0, y = 0] = draft
    const shape = rectangle(props.label, [x, y], at(event), size)
    if (shape.width >= MIN_SIDE && shape.height >= MIN_SIDE) props.onAdd(shape)
    else props.onSelect(shapeAt(shapes, x, y))
  }
  const wheel = (event: KonvaEventObject<WheelEvent>) => {
    event.evt.preventDefault()
    const place = event.target.getStage()?.getPointerPosition()
    if (!place) return
    const { deltaX, deltaY, shiftKey } = event.evt
    if (shiftKey) props.onView({ ...view, x: view.x - deltaY - deltaX, y: view.y })
    else props.onView(zoomedAt(view, Math.exp(-deltaY / 300), place.x, place.y))
  }
  const chosen = selected === null ? undefined : shapes[selected]
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
      style={{ cursor: tool === 'select' ? 'default' : 'crosshair' }}
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
      <Layer x={view.x} y={view.y} scaleX={view.scale} scaleY={view.scale}>
        {shapes.map((shape, index) =>
          index === selected ? null : (
            <ShapeNode
              key={index}
              index={index}
              shape={shape}
              colour={colours.get(shape.label) ?? DRAFT}
              filled={props.filled}
              listening={tool === 'select'}
              onSelect={props.onSelect}
            />
          ),
        )}
      </Layer>
      <Layer x={view.x} y={view.y} scaleX={view.scale} scaleY={view.scale}>
        {chosen === undefined || selected === null ? null : (
          <Chosen
            key={selected}
            shape={chosen}
            colour={colours.get(chosen.label) ?? DRAFT}
            scale={view.scale}
            size={size}
            filled={props.filled}
            readOnly={readOnly}
            onChange={(shape) => props.onChange(selected, shape)}
          />
        )}
        {draft === null || pointer === null ? null : (
          <Draft points={draft} pointer={pointer} tool={tool} scale={view.scale} />
        )}
        {tool !== 'select' && pointer !== null ? (
          <Cross at={pointer} size={size} scale={view.scale} />
        ) : null}
      </Layer>
    </Stage>
  )
}

interface ChosenProps {
  shape: Shape
  colour: string
  scale: number
  size: Size
  filled: boolean
  readOnly: boolean
  onChange: (shape: Shape) => void
}

/** The selected shape: moved by dragging, changed by its handles. */
function Chosen({ shape, colour, scale, size, filled, readOnly, onChange }: ChosenProps) {
  const [live, setLive] = useState<Shape | null>(null)
  const shown = live ?? shape
  const drag = (node: Konva.Node) => moved(shape, node.x(), node.y(), size)
  const settle = (next: Shape) => {
    setLive(null)
    onChange(next)
  }
  return (
    <>
      <ShapeNode
        index={0}
        shape={shown}
        colour={colour}
        filled={filled}
        listening={!readOnly}
        selected
        onSelect={() => undefined}
        drag={
          readOnly
            ? undefined
            : {
                onMove: (node) => {
                  const next = drag(node)
                  node.position({ x: next.x - shape.x, y: next.y - shape.y })
                },
                onEnd: (node) => {
                  const next = drag(node)
                  node.position({ x: 0, y: 0 })
                  if (next.x !== shape.x || next.y !== shape.y) settle(next)
                },
                onStart: () => setLive(null),
              }
        }
      />
      {readOnly ? null : (
        <Handles shape={shown} scale={scale} size={size} onMove={setLive} onDone={settle} />
      )}
    </>
  )
}

function Draft({
  points,
  pointer,
  tool,
  scale,
}: {
  points: readonly number[]
  pointer: [number, number]
  tool: Tool
  scale: number
}) {
  const [x = 0, y = 0] = points
  const pen = {
    stroke: DRAFT,
    strokeWidth: 1.5 / scale,
    dash: [6 / scale, 4 / scale],
    listening: false,
  }
  if (tool === 'rectangle') {
    return <Rect x={x} y={y} width={pointer[0] - x} height={pointer[1] - y} {...pen} />
  }
  return (
    <>
      <Line points={[...points, ...pointer]} {...pen} />
      {points.map((px, at) =>
        at % 2 === 0 ? (
          <Circle
            key={at}
            x={px}
            y={points[at + 1]}
            radius={3.5 / scale}
            fill={DRAFT}
            listening={false}
          />
        ) : null,
      )}
    </>
  )
}

function Cross({ at: [x, y], size, scale }: { at: [number, number]; size: Size; scale: number }) {
  const pen = { stroke: 'rgba(255,255,255,0.55)', strokeWidth: 1 / scale, listening: false }
  return (
    <>
      <Line points={[0, y, size.width, y]} {...pen} />
      <Line points={[x, 0, x, size.height]} {...pen} />
    </>
  )
}

/** The topmost shape at a point, small ones before those around them. */
function shapeAt(shapes: readonly Shape[], x: number, y: number): number | null {
  let found: number | null = null
  shapes.forEach((shape, index) => {
    const inside =
      x >= shape.x && x <= shape.x + shape.width && y >= shape.y && y <= shape.y + shape.height
    const best = found === null ? undefined : shapes[found]
    if (inside && (best === undefined || area(shape) <= area(best))) found = index
  })
  return found
}

const area = ({ width, height }: Shape) => width * height
