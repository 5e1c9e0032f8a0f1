import { useMemo, useState } from 'react'
import { Alert } from 'antd'
import { useText } from '@/base/text'
import type { Task } from '../queries'
import { useKeys } from '../work/keys'
import { LabelPanel } from '../work/LabelPanel'
import type { Session } from '../work/useSession'
import { text } from '../work/text'
import { Canvas, type Tool } from './Canvas'
import { begin, redone, step, undone, type History } from './history'
import { moved, fitted, rectangle, shapesOf, type Shape } from './shapes'
import { ShapeList } from './ShapeList'
import { ToolBar } from './ToolBar'
import { useElementSize } from './useElementSize'
import { useImage } from './useImage'
import { fit, toImage, zoomedAt, type View } from './view'

interface Props {
  task: Task
  session: Session
  colours: ReadonlyMap<string, string>
}

/** What was copied, for pasting into another image, too. */
let copied: Shape | null = null

/** Draw and correct the shapes of one image, by mouse or by keyboard alone. */
export function DetectionConsole({ task, session, colours }: Props) {
  const t = useText(text)
  const { record } = session
  const [window, windowSize] = useElementSize()
  const [full, setFull] = useState(false)
  const picture = useImage(record?.image_url ?? null)
  const size = useMemo(
    () => ({ width: record?.width ?? 1, height: record?.height ?? 1 }),
    [record?.width, record?.height],
  )
  const segmented = task.kind === 'segmentation'
  const [tool, setTool] = useState<Tool>(segmented ? 'polygon' : 'rectangle')
  const [label, setLabel] = useState<string | null>(task.labels[0]?.name ?? null)
  const [filled, setFilled] = useState(true)
  const [pointLimit, setPointLimit] = useState<number | null>(null)
  const [view, setView] = useView(record?.index, size, windowSize)
  const { shapes, selected, select, change, undo, redo, canUndo, canRedo } = useShapes(session)
  const [draft, setDraft] = useDraft(record?.index)

  const add = (shape: Shape) => change([...shapes, shape], shapes.length)
  const put = (index: number, shape: Shape) =>
    change(
      shapes.map((old, at) => (at === index ? shape : old)),
      index,
    )
  const chosen = selected === null ? undefined : shapes[selected]
  const edit = (next: (shape: Shape) => Shape) => {
    if (selected !== null && chosen !== undefined) put(selected, next(chosen))
  }
  const remove = () => {
    if (selected === null) return
    change(
      shapes.filter((_, at) => at !== selected),
      null,
    )
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
    add(moved({ ...copied }, 8, 8, size))
  }
  const cycle = (by: number) => {
    if (shapes.length === 0) return
    select(((selected ?? (by > 0 ? -1 : 0)) + by + shapes.length) % shapes.length)
  }
  const zoom = (factor: number) =>
    setView(zoomedAt(view, factor, windowSize.width / 2, windowSize.height / 2))
  const fitAgain = () => setView(fit(size, windowSize))
  const addInMiddle = () => {
    if (label === null) return
    const [x, y] = toImage(view, windowSize.width / 2, windowSize.height / 2)
    const side = 60 / view.scale
    const shape = rectangle(label, [x - side / 2, y - side / 2], [x + side / 2, y + side / 2], size)
    const { x: left, y: top, width, height } = shape
    const outline = [left, top, left + width, top, left + width, top + height, left, top + height]
    if (width > 1 && height > 1) add(segmented ? { ...shape, polygons: [outline] } : shape)
  }
  const nudge = (dx: number, dy: number) => edit((shape) => moved(shape, dx, dy, size))
  const grow = (dx: number, dy: number) =>
    edit((shape) =>
      fitted(shape, { ...shape, width: shape.width + dx, height: shape.height + dy }, size),
    )
  const tools: Record<Tool, () => void> = {
    select: () => setTool('select'),
    rectangle: () => (segmented ? undefined : setTool('rectangle')),
    polygon: () => setTool('polygon'),
    line: () => (segmented ? undefined : setTool('line')),
  }
  const editable = !session.readOnly
  const writing = (act: () => void) => () => {
    if (editable) act()
  }
  useKeys({
    v: tools.select,
    r: tools.rectangle,
    p: tools.polygon,
    l: tools.line,
    'Ctrl+1': tools.rectangle,
    'Ctrl+2': tools.polygon,
    'Ctrl+3': tools.line,
    'Ctrl+4': writing(toBack),
    'Ctrl+d': writing(remove),
    Delete: writing(remove),
    Backspace: writing(() => (draft === null ? remove() : setDraft(oneBack(draft)))),
    'Ctrl+c': () => {
      if (chosen !== undefined) copied = chosen
    },
    'Ctrl+v': writing(paste),
    'Ctrl+z': writing(() => (draft === null ? undo() : setDraft(oneBack(draft)))),
    'Ctrl+Shift+z': writing(redo),
    'Ctrl+y': writing(redo),
    n: writing(addInMiddle),
    f: () => setFilled((on) => !on),
    Tab: () => cycle(1),
    'Shift+Tab': () => cycle(-1),
    Escape: () => (draft === null ? select(null) : setDraft(null)),
    '+': () => zoom(1.25),
    '=': () => zoom(1.25),
    '-': () => zoom(0.8),
    '0': fitAgain,
    ArrowLeft: writing(() => nudge(-1, 0)),
    ArrowRight: writing(() => nudge(1, 0)),
    ArrowUp: writing(() => nudge(0, -1)),
    ArrowDown: writing(() => nudge(0, 1)),
    'Shift+ArrowLeft': writing(() => nudge(-10, 0)),
    'Shift+ArrowRight': writing(() => nudge(10, 0)),
    'Shift+ArrowUp': writing(() => nudge(0, -10)),
    'Shift+ArrowDown': writing(() => nudge(0, 10)),
    'Alt+ArrowLeft': writing(() => grow(-1, 0)),
    'Alt+ArrowRight': writing(() => grow(1, 0)),
    'Alt+ArrowUp': writing(() => grow(0, -1)),
    'Alt+ArrowDown': writing(() => grow(0, 1)),
    'Alt+Shift+ArrowLeft': writing(() => grow(-10, 0)),
    'Alt+Shift+ArrowRight': writing(() => grow(10, 0)),
    'Alt+Shift+ArrowUp': writing(() => grow(0, -10)),
    'Alt+Shift+ArrowDown': writing(() => grow(0, 10)),
  })
  return (
    <div className="label-stage" data-full={full || undefined}>
      <ToolBar
        tool={tool}
        segmented={segmented}
        readOnly={session.readOnly}
        filled={filled}
        full={full}
        scale={view.scale}
        pointLimit={pointLimit}
        canUndo={canUndo}
        canRedo={canRedo}
        hasSelection={chosen !== undefined}
        onTool={(next) => tools[next]()}
        onPointLimit={setPointLimit}
        onUndo={undo}
        onRedo={redo}
        onBack={toBack}
        onDelete={remove}
        onFill={() => setFilled((on) => !on)}
        onZoom={zoom}
        onFit={fitAgain}
        onFull={() => setFull((on) => !on)}
      />
      <div className="label-canvas" ref={window} role="application" aria-label={t('canvas')}>
        {windowSize.width > 0 && record !== null ? (
          <Canvas
            key={record.index}
            image={picture.image}
            size={size}
            window={windowSize}
            view={view}
            onView={setView}
            shapes={shapes}
            selected={selected}
            tool={tool}
            colours={colours}
            label={label}
            filled={filled}
            readOnly={session.readOnly}
            pointLimit={pointLimit}
            draft={draft}
            onDraft={setDraft}
            onSelect={select}
            onAdd={add}
            onChange={put}
          />
        ) : null}
        {picture.failed ? (
          <Alert className="label-over" type="error" title={t('imageFailed')} />
        ) : null}
      </div>
      <aside className="label-side">
        <LabelPanel
          task={task}
          active={chosen?.label ?? label}
          onChoose={choose}
          disabled={false}
        />
        <ShapeList
          shapes={shapes}
          colours={colours}
          selected={selected}
          readOnly={session.readOnly}
          onSelect={select}
          onDelete={(index) =>
            change(
              shapes.filter((_, at) => at !== index),
              null,
            )
          }
        />
      </aside>
    </div>
  )
}

/** Fits the image when another comes and when the window changes; zoomed only by hand. */
function useView(
  index: number | undefined,
  size: { width: number; height: number },
  window: { width: number; height: number },
): [View, (view: View) => void] {
  const frame = `${index} ${size.width} ${size.height} ${window.width} ${window.height}`
  const [kept, setKept] = useState<{ frame: string; view: View } | null>(null)
  const view = kept !== null && kept.frame === frame ? kept.view : fit(size, window)
  return [view, (next) => setKept({ frame, view: next })]
}

type Points = readonly number[] | null

/** What is being drawn on this image; another image begins without. */
function useDraft(of: number | undefined): [Points, (points: Points) => void] {
  const [kept, setKept] = useState<{ of: number | undefined; points: Points }>({ of, points: null })
  return [kept.of === of ? kept.points : null, (points) => setKept({ of, points })]
}

function oneBack(points: readonly number[]): Points {
  return points.length > 2 ? points.slice(0, -2) : null
}

interface Drawn {
  shapes: readonly Shape[]
  selected: number | null
}

/** The shapes of the record as steps that can be undone; each step goes to the session to be saved. */
function useShapes(session: Session) {
  const { record, value, setValue } = session
  const of = record?.index
  const [kept, setKept] = useState<{ of: number; history: History<Drawn> } | null>(null)
  const fresh = useMemo(() => begin<Drawn>({ shapes: shapesOf(value), selected: null }), [value])
  const own = kept !== null && kept.of === of ? kept.history : null
  // What another saved, or an older version that was taken, begins anew.
  const history = own !== null && own.now.shapes === value.boxes ? own : fresh
  const { shapes, selected } = history.now
  const put = (next: History<Drawn>) => {
    if (of === undefined) return
    setKept({ of, history: next })
    if (next.now.shapes !== value.boxes) setValue({ boxes: next.now.shapes })
  }
  return {
    shapes,
    selected,
    select: (index: number | null) => put({ ...history, now: { ...history.now, selected: index } }),
    change: (next: readonly Shape[], chosen: number | null) =>
      session.readOnly ? undefined : put(step(history, { shapes: next, selected: chosen })),
    undo: () => put(undone(history)),
    redo: () => put(redone(history)),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  }
}
