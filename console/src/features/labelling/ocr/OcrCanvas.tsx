import type { KonvaEventObject } from 'konva/lib/Node'
import { memo, useMemo, useRef, useState } from 'react'
import { Circle, Image as Picture, Layer, Line, Rect, Stage } from 'react-konva'
import { Handles } from '../canvas/Handles'
import { moved, MIN_SIDE, type Shape, type Size } from '../canvas/shapes'
import { ShapeNode } from '../canvas/ShapeNode'
import { toImage, zoomedAt, type View } from '../canvas/view'
import { boxAt, cornersOf, idOf, type OcrBox } from './boxes'
import { ROLE_COLOURS, WRONG } from './colours'
import { Marks } from './Marks'
import type { Settings } from './settings'
import type { Said } from './useMeaning'

export type Tool = 'select' | 'box' | 'corners' | 'pair'

interface Props {
  image: HTMLImageElement | null
  size: Size
  window: Size
  view: View
  onView: (view: View) => void
  boxes: readonly OcrBox[]
  selected: readonly number[]
  said: Said
  settings: Settings
  tool: Tool
  /** The key that waits for its value. */
  pairing: number | null
  readOnly: boolean
  draft: readonly number[] | null
  onDraft: (points: readonly number[] | null) => void
  onPick: (id: number | null, adds: boolean) => void
  onDraw: (points: readonly number[]) => void
  onChange: (box: OcrBox) => void
}

const DRAFT = '#ffffff'

/** The image with its texts. Drawing and dragging stay in here until they are done. */
export function OcrCanvas(props: Props) {
  const { size, window, boxes, selected, tool, readOnly, draft, said } = props
  const [panned, setPanned] = useState<View | null>(null)
  const view = panned ?? props.view
  const [pointer, setPointer] = useState<[number, number] | null>(null)
  const pan = useRef<{ x: number; y: number; view: View } | null>(null)
  const draws = tool === 'box' || tool === 'corners'
  const at = (event: KonvaEventObject<MouseEvent | PointerEvent>): [number, number] => {
    const place = event.target.getStage()?.getPointerPosition()
    return toImage(view, place?.x ?? 0, place?.y ?? 0)
  }
  const colours = useMemo(
    () =>
      new Map(
        boxes.map((box) => [
          idOf(box),
          said.problems.get(idOf(box))?.some(({ blocking }) => blocking)
            ? WRONG
            : ROLE_COLOURS[said.roles.get(idOf(box)) ?? 'text'],
        ]),
      ),
    [boxes, said],
  )

  const down = (event: KonvaEventObject<PointerEvent>) => {
    const { button, clientX: x, clientY: y, ctrlKey, metaKey, shiftKey } = event.evt
    const here = boxAt(boxes, ...at(event))
    const moves = ctrlKey || metaKey || (here === null && !draws)
    if (button === 1 || (button === 0 && moves)) {
      pan.current = { x, y, view }
      if (button === 0 && !ctrlKey && !metaKey && tool === 'select') props.onPick(null, false)
      return
    }
    if (button !== 0 || event.target.name() === 'handle') return
    if (!draws) {
      if (here !== null) props.onPick(idOf(here), shiftKey)
      return
    }
    if (readOnly) return
    if (tool === 'box') {
      props.onDraft(at(event))
      setPointer(at(event))
      return
    }
    const [px, py] = at(event)
    const inside = [Math.min(Math.max(px, 0), size.width), Math.min(Math.max(py, 0), size.height)]
    const points = [...(draft ?? []), ...inside]
    props.onDraft(points.length === 8 ? null : points)
    if (points.length === 8) props.onDraw(points)
  }
  const move = (event: KonvaEventObject<PointerEvent>) => {
    const from = pan.current
    if (from !== null) {
      const { clientX, clientY } = event.evt
      const { x, y } = from.view
      setPanned({ ...from.view, x: x + clientX - from.x, y: y + clientY - from.y })
    } else if (draws) setPointer(at(event))
  }
  const up = (event: KonvaEventObject<PointerEvent>) => {
    pan.current = null
    if (panned !== null) {
      setPanned(null)
      props.onView(panned)
    }
    if (tool !== 'box' || draft === null) return
    props.onDraft(null)
    const [x = 0, y = 0] = draft
    const points = cornersOf([x, y], at(event), size)
    const [left = 0, top = 0, right = 0, , , bottom = 0] = points
    if (right - left >= MIN_SIDE && bottom - top >= MIN_SIDE) props.onDraw(points)
    else {
      const here = boxAt(boxes, x, y)
      props.onPick(here === null ? null : idOf(here), event.evt.shiftKey)
    }
  }
  const wheel = (event: KonvaEventObject<WheelEvent>) => {
    event.evt.preventDefault()
    const place = event.target.getStage()?.getPointerPosition()
    if (!place) return
    const { deltaX, deltaY, shiftKey } = event.evt
    if (shiftKey) props.onView({ ...view, x: view.x - deltaY - deltaX })
    else props.onView(zoomedAt(view, Math.exp(-deltaY / 300), place.x, place.y))
  }
  const last = selected.at(-1)
  const chosen = boxes.find((box) => idOf(box) === last)
  const scaled = { x: view.x, y: view.y, scaleX: view.scale, scaleY: view.scale }
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
      style={{ cursor: tool === 'select' ? 'default' : tool === 'pair' ? 'pointer' : 'crosshair' }}
    >
      <Layer {...scaled} imageSmoothingEnabled={view.scale < 3} listening={false}>
        {props.image === null ? null : (
          <Picture image={props.image} width={size.width} height={size.height} />
        )}
      </Layer>
      <Layer {...scaled} listening={false}>
        <Outlines
          boxes={boxes}
          colours={colours}
          selected={selected}
          pairing={props.pairing}
          but={chosen}
        />
      </Layer>
      <Layer {...scaled} listening={false}>
        <Marks
          boxes={boxes}
          said={said}
          settings={props.settings}
          scale={view.scale}
          colours={colours}
        />
      </Layer>
      <Layer {...scaled}>
        {chosen === undefined ? null : (
          <Chosen
            key={idOf(chosen)}
            box={chosen}
            colour={colours.get(idOf(chosen)) ?? WRONG}
            scale={view.scale}
            size={size}
            readOnly={readOnly || tool === 'pair'}
            onChange={props.onChange}
          />
        )}
        {draft === null || pointer === null ? null : (
          <Draft points={draft} pointer={pointer} isBox={tool === 'box'} scale={view.scale} />
        )}
      </Layer>
    </Stage>
  )
}

const ignore = () => undefined

interface OutlinesProps {
  boxes: readonly OcrBox[]
  colours: ReadonlyMap<number, string>
  selected: readonly number[]
  pairing: number | null
  but: OcrBox | undefined
}

/** All boxes but the one that is changed; they stay as they are while the image is moved. */
const Outlines = memo(function Outlines({ boxes, colours, selected, pairing, but }: OutlinesProps) {
  return boxes.map((box) =>
    box === but ? null : (
      <ShapeNode
        key={idOf(box)}
        index={idOf(box)}
        shape={box}
        colour={colours.get(idOf(box)) ?? WRONG}
        filled
        listening={false}
        selected={selected.includes(idOf(box)) || idOf(box) === pairing}
        onSelect={ignore}
      />
    ),
  )
})

interface ChosenProps {
  box: OcrBox
  colour: string
  scale: number
  size: Size
  readOnly: boolean
  onChange: (box: OcrBox) => void
}

/** The selected box: moved by dragging, changed by its corners. */
function Chosen({ box, colour, scale, size, readOnly, onChange }: ChosenProps) {
  const [live, setLive] = useState<Shape | null>(null)
  const settle = (next: Shape) => {
    setLive(null)
    onChange(next as OcrBox)
  }
  return (
    <>
      <ShapeNode
        index={idOf(box)}
        shape={live ?? box}
        colour={colour}
        filled
        listening={!readOnly}
        selected
        onSelect={ignore}
        drag={
          readOnly
            ? undefined
            : {
                onStart: () => setLive(null),
                onMove: (node) => {
                  const next = moved(box, node.x(), node.y(), size)
                  node.position({ x: next.x - box.x, y: next.y - box.y })
                },
                onEnd: (node) => {
                  const next = moved(box, node.x(), node.y(), size)
                  node.position({ x: 0, y: 0 })
                  if (next.x !== box.x || next.y !== box.y) settle(next)
                },
              }
        }
      />
      {readOnly ? null : (
        <Handles
          scaling={false}
          shape={live ?? box}
          scale={scale}
          size={size}
          onMove={setLive}
          onDone={settle}
        />
      )}
    </>
  )
}

interface DraftProps {
  points: readonly number[]
  pointer: [number, number]
  isBox: boolean
  scale: number
}

function Draft({ points, pointer, isBox, scale }: DraftProps) {
  const [x = 0, y = 0] = points
  const pen = {
    stroke: DRAFT,
    strokeWidth: 1.5 / scale,
    dash: [6 / scale, 4 / scale],
    shadowColor: '#000000',
    shadowBlur: 2,
    listening: false,
  }
  if (isBox) {
    return <Rect x={x} y={y} width={pointer[0] - x} height={pointer[1] - y} {...pen} />
  }
  return (
    <>
      <Line points={[...points, ...pointer]} {...pen} />
      {points.map((px, at) =>
        at % 2 === 0 ? (
          <Circle key={at} x={px} y={points[at + 1]} radius={3.5 / scale} fill={DRAFT} />
        ) : null,
      )}
    </>
  )
}
