import { useMemo, useRef, useState } from 'react'
import type { Task } from '../queries'
import { useCommands } from '../work/keymap'
import { LabelPanel } from '../work/LabelPanel'
import type { Session } from '../work/useSession'
import type { Tool } from './Canvas'
import { CanvasArea, type AreaHandle } from './CanvasArea'
import { maskOf, stroke } from './masks'
import { flagged, nextTrack, ofTrack, touched, withTrack } from './onTrack'
import { moved, fitted, rectangle, type Shape, type Size } from './shapes'
import { ShapeList } from './ShapeList'
import { ToolBar, toolsOf } from './ToolBar'
import { TrackPanel } from './TrackPanel'
import { useCarried } from './useCarried'
import { useFullScreen } from './useFullScreen'
import { useShapes } from './useShapes'
import { useTracks } from './useTracks'
import { oneBack, useDraft } from './useView'

interface Props {
  task: Task
  session: Session
  colours: ReadonlyMap<string, string>
}

/** What was copied, for pasting into another image, too. */
let copied: Shape | null = null

const [THIN, THICK] = [1, 200]

/** Draw and correct the shapes of one image, by mouse or by keyboard alone. */
export function DetectionConsole({ task, session, colours }: Props) {
  const { record } = session
  const segmented = task.kind === 'segmentation'
  const tracking = task.kind === 'tracking'
  const area = useRef<AreaHandle>(null)
  const [scale, setScale] = useState(1)
  const [full, toggleFull] = useFullScreen()
  const size = useMemo(
    () => ({ width: record?.width ?? 1, height: record?.height ?? 1 }),
    [record?.width, record?.height],
  )
  const [tool, setTool] = useState<Tool>(segmented ? 'polygon' : 'rectangle')
  const [label, setLabel] = useState<string | null>(task.labels[0]?.name ?? null)
  const [filled, setFilled] = useState(true)
  const [scaling, setScaling] = useState(false)
  const [radius, setRadius] = useState(12)
  const [pointLimit, setPointLimit] = useState<number | null>(null)
  const { shapes, selected, select, change, undo, redo, canUndo, canRedo } = useShapes(session)
  const [draft, setDraft] = useDraft(record?.index)
  const tracks = useTracks(task, session)
  const carry = useCarried(session, shapes, change)

  const add = (shape: Shape) => {
    const made = tracking ? withTrack(shape, nextTrack(tracks.nextId, shapes)) : shape
    change([...shapes, made], shapes.length)
  }
  const put = (index: number, shape: Shape) =>
    change(
      shapes.map((old, at) => (at === index ? touched(shape) : old)),
      index,
    )
  const chosen = selected === null ? undefined : shapes[selected]
  const edit = (next: (shape: Shape) => Shape) => {
    if (selected !== null && chosen !== undefined) put(selected, next(chosen))
  }
  const removeAt = (index: number) =>
    change(
      shapes.filter((_, at) => at !== index),
      null,
    )
  const remove = () => {
    if (selected !== null) removeAt(selected)
  }
  const choose = (name: string) => {
    setLabel(name)
    if (chosen !== undefined && chosen.label !== name) edit((shape) => ({ ...shape, label: name }))
  }
  const toBack = () => {
    if (selected === null || chosen === undefined) return
    change([chosen, ...shapes.filter((_, at) => at !== selected)], 0)
  }
  const paste = () => {
    if (copied === null || !colours.has(copied.label)) return
    if (copied.mask !== undefined && !segmented) return
    const here = ofTrack(shapes, copied)
    // The same object in another frame lies where it lay; beside itself it is a new one.
    if (tracking && here === -1) change([...shapes, touched(copied)], shapes.length)
    else add(moved({ ...copied }, 8, 8, size))
  }
  const cycle = (by: number) => {
    if (shapes.length === 0) return
    select(((selected ?? (by > 0 ? -1 : 0)) + by + shapes.length) % shapes.length)
  }
  const zoom = (factor: number) => area.current?.zoom(factor)
  const fitAgain = () => area.current?.fit()
  const make = () => {
    const middle = area.current?.middle()
    if (label === null || middle === undefined) return
    const shape =
      tool === 'brush'
        ? dot(label, middle.at, radius, size)
        : boxAt(label, middle.at, 60 / middle.scale, size, segmented)
    if (shape !== null) add(shape)
  }
  const nudge = (dx: number, dy: number) => edit((shape) => moved(shape, dx, dy, size))
  const grow = (dx: number, dy: number) =>
    edit((shape) =>
      fitted(shape, { ...shape, width: shape.width + dx, height: shape.height + dy }, size),
    )
  const tools = toolsOf(task.kind)
  const take = (next: Tool) => () => (tools.includes(next) ? setTool(next) : undefined)
  const writing = (act: () => void) => () => {
    if (!session.readOnly) act()
  }
  const copyOn = writing(() => {
    if (record !== null && record.index < tracks.last) {
      carry(chosen === undefined ? shapes : [chosen])
    }
  })
  const flag = (name: 'occluded' | 'ended') => writing(() => edit((one) => flagged(one, name)))
  useCommands(
    {
      select: take('select'),
      rectangle: take('rectangle'),
      polygon: take('polygon'),
      line: take('line'),
      brush: take('brush'),
      eraser: take('eraser'),
      smaller: () => setRadius(Math.max(Math.round(radius / 1.25), THIN)),
      larger: () => setRadius(Math.min(Math.ceil(radius * 1.25), THICK)),
      toBack: writing(toBack),
      remove: writing(remove),
      copy: () => {
        if (chosen !== undefined) copied = chosen
      },
      paste: writing(paste),
      undo: writing(() => (draft === null ? undo() : setDraft(oneBack(draft)))),
      redo: writing(redo),
      make: () => {
        if (!session.readOnly) make()
      },
      fill: () => setFilled((on) => !on),
      scaling: () => setScaling((on) => !on),
      cycle: () => cycle(1),
      cycleBack: () => cycle(-1),
      cancel: () => (draft === null ? select(null) : setDraft(null)),
      zoomIn: () => zoom(1.25),
      zoomOut: () => zoom(0.8),
      fit: fitAgain,
      full: toggleFull,
      ...(tracking
        ? {
            copyOn,
            interpolate: writing(() => void tracks.interpolate(chosen)),
            occluded: flag('occluded'),
            ended: flag('ended'),
          }
        : {}),
    },
    {
      Backspace: writing(() => (draft === null ? remove() : setDraft(oneBack(draft)))),
      ...arrows((dx, dy) => writing(() => nudge(dx, dy)), ''),
      ...arrows((dx, dy) => writing(() => grow(dx, dy)), 'Alt+'),
    },
  )
  return (
    <div className="label-stage" data-full={full || undefined}>
      <ToolBar
        kind={task.kind}
        tool={tool}
        readOnly={session.readOnly}
        filled={filled}
        scaling={scaling}
        full={full}
        scale={scale}
        radius={radius}
        pointLimit={pointLimit}
        canUndo={canUndo}
        canRedo={canRedo}
        hasSelection={chosen !== undefined}
        onTool={setTool}
        onRadius={setRadius}
        onPointLimit={setPointLimit}
        onUndo={undo}
        onRedo={redo}
        onBack={toBack}
        onDelete={remove}
        onFill={() => setFilled((on) => !on)}
        onScaling={() => setScaling((on) => !on)}
        onZoom={zoom}
        onFit={fitAgain}
        onFull={toggleFull}
      />
      <CanvasArea
        ref={area}
        url={record?.image_url ?? null}
        place={tracking ? 0 : record?.index}
        onScale={setScale}
        size={size}
        shapes={shapes}
        selected={selected}
        tool={tool}
        colours={colours}
        label={label}
        filled={filled}
        scaling={scaling}
        readOnly={session.readOnly}
        radius={radius}
        pointLimit={pointLimit}
        draft={draft}
        onDraft={setDraft}
        onSelect={select}
        onAdd={add}
        onChange={put}
        onRemove={removeAt}
      />
      <aside className="label-side">
        <LabelPanel
          task={task}
          active={chosen?.label ?? label}
          onChoose={choose}
          disabled={false}
        />
        {tracking ? (
          <TrackPanel
            tracks={tracks}
            at={record?.index ?? 0}
            shapes={shapes}
            colours={colours}
            chosen={chosen}
            readOnly={session.readOnly}
            onSelect={select}
            onGo={(index) => void session.go(index)}
            onCopyOn={copyOn}
            onFlag={(name) => flag(name)()}
          />
        ) : null}
        <ShapeList
          shapes={shapes}
          colours={colours}
          selected={selected}
          readOnly={session.readOnly}
          onSelect={select}
          onDelete={removeAt}
        />
      </aside>
    </div>
  )
}

type Step = (dx: number, dy: number) => () => void

/** The four arrows, with Shift ten times as far. */
function arrows(step: Step, held: '' | 'Alt+'): Record<string, () => void> {
  const found: Record<string, () => void> = {}
  for (const [shift, far] of [
    ['', 1],
    ['Shift+', 10],
  ] as const) {
    found[`${held}${shift}ArrowLeft`] = step(-far, 0)
    found[`${held}${shift}ArrowRight`] = step(far, 0)
    found[`${held}${shift}ArrowUp`] = step(0, -far)
    found[`${held}${shift}ArrowDown`] = step(0, far)
  }
  return found
}

/** A new shape in the middle of what is seen, for those who draw without a mouse. */
function boxAt(
  label: string,
  [x, y]: [number, number],
  side: number,
  size: Size,
  outlined: boolean,
): Shape | null {
  const from = [x - side / 2, y - side / 2] as const
  const shape = rectangle(label, from, [x + side / 2, y + side / 2], size)
  if (shape.width <= 1 || shape.height <= 1) return null
  const { x: left, y: top, width, height } = shape
  const outline = [left, top, left + width, top, left + width, top + height, left, top + height]
  return outlined ? { ...shape, polygons: [outline] } : shape
}

function dot(label: string, at: [number, number], radius: number, size: Size): Shape | null {
  const pixels = new Uint8Array(size.width * size.height)
  stroke(pixels, size, at, at, radius, 1)
  return maskOf(label, pixels, size)
}
