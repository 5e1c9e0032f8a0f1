import { Alert, Segmented } from 'antd'
import { useEffect, useMemo, useState } from 'react'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { moved } from '../canvas/shapes'
import { useElementSize } from '../canvas/useElementSize'
import { useImage } from '../canvas/useImage'
import { fit, toImage, zoomedAt, type View } from '../canvas/view'
import type { Task } from '../queries'
import { useKeys } from '../work/keys'
import type { Session } from '../work/useSession'
import { text as workText } from '../work/text'
import { BoxList, type Focus } from './BoxList'
import { cornersOf, idOf, makeBox, outlineOf, splitBox, type Direction, type OcrBox } from './boxes'
import { Fields } from './Fields'
import { paired, tidied, unpaired, without, withRole, type Role } from './links'
import './ocr.css'
import { OcrBar } from './OcrBar'
import { OcrCanvas, type Tool } from './OcrCanvas'
import { SelectionBar } from './SelectionBar'
import { useSettings } from './settings'
import { text } from './text'
import { Usage } from './Usage'
import { useBoxes } from './useBoxes'
import { useMeaning, type Typed } from './useMeaning'
import { useReading } from './useReading'

/** What was copied, for pasting into another image, too. */
let copied: OcrBox | null = null

/** Transcribe the texts of one image and say what belongs together, by mouse or by keyboard alone. */
export function OcrConsole({ task, session }: { task: Task; session: Session }) {
  const t = useText(text)
  const w = useText(workText)
  const notify = useNotify()
  const { record, readOnly } = session
  const type = task.ocr?.type ?? 'recognition'
  const structured = type === 'structured'
  const blocked = task.ocr?.blocked ?? null
  const [window, windowSize] = useElementSize()
  const [full, setFull] = useState(false)
  const [usage, setUsage] = useState(false)
  const [settings, setSettings] = useSettings()
  const professional = structured && settings.mode === 'professional'
  const picture = useImage(record?.image_url ?? null)
  const size = useMemo(
    () => ({ width: record?.width ?? 1, height: record?.height ?? 1 }),
    [record?.width, record?.height],
  )
  const [view, setView] = useView(record?.index, size, windowSize)
  const [tool, setTool] = useState<Tool>('box')
  const [pairing, setPairing] = useOf<number>(record?.index)
  const [draft, setDraft] = useOf<readonly number[]>(record?.index)
  const [typed, setTyped] = useOf<Typed>(record?.index)
  const [focus, setFocus] = useOf<Focus>(record?.index)
  const work = useBoxes(session)
  const { boxes, selected, select, change } = work
  const said = useMeaning(type, boxes, typed)
  const reading = useReading(task, session, work)
  const { setAutosave } = session
  useEffect(() => setAutosave(settings.autosave), [setAutosave, settings.autosave])

  const last = selected.at(-1)
  const chosen = boxes.find((box) => idOf(box) === last)
  const pick = (id: number | null, adds: boolean) => {
    if (tool === 'pair' && id !== null) pair(id)
    else if (id === null) select([])
    else if (!adds) select([id])
    else select(selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id])
  }
  /** The first is the key; each one after it is a value of it, until Esc. */
  const pair = (id: number) => {
    if (readOnly) return
    select([id])
    if (pairing === null) setPairing(id)
    else if (pairing === id) setPairing(null)
    else change((now) => ({ boxes: paired(now.boxes, pairing, id) }))
  }
  const edit = (ids: readonly number[], by: (box: OcrBox) => OcrBox) =>
    change((now) => ({ boxes: now.boxes.map((box) => (ids.includes(idOf(box)) ? by(box) : box)) }))
  const say = (id: number, told: Partial<OcrBox['attributes']>) =>
    edit([id], (box) => ({ ...box, attributes: { ...box.attributes, ...told } }))
  const draw = (points: readonly number[]) => {
    const box = makeBox(work.nextId, points)
    change((now) => ({ boxes: [...now.boxes, box], nextId: idOf(box) + 1, selected: [idOf(box)] }))
    if (settings.assist && blocked === null) void reading.one(box)
  }
  const drawInMiddle = () => {
    const [x, y] = toImage(view, windowSize.width / 2, windowSize.height / 2)
    const [across, down] = [60 / view.scale, 16 / view.scale]
    draw(cornersOf([x - across, y - down], [x + across, y + down], size))
  }
  const remove = () => {
    if (selected.length === 0) return
    const { changed } = without(boxes, selected)
    change((now) => ({ boxes: without(now.boxes, now.selected).boxes, selected: [] }))
    if (changed.length > 0) notify.success(t('changedToo', { ids: changed.join(', ') }))
  }
  /** Beside the old one, with its text; what it belongs to is said anew. */
  const add = (box: OcrBox) => {
    const near = moved(box, 8, 8, size) as OcrBox
    const { text: own, direction } = box.attributes
    change((now) => ({
      boxes: [...now.boxes, makeBox(now.nextId, outlineOf(near), { text: own, direction })],
      nextId: now.nextId + 1,
      selected: [now.nextId],
    }))
  }
  const split = () =>
    change((now) => {
      const box = now.boxes.find((one) => idOf(one) === last)
      if (box === undefined) return {}
      const halves = splitBox(box, now.nextId)
      return {
        boxes: now.boxes.flatMap((one) => (one === box ? halves : [one])),
        nextId: now.nextId + 1,
      }
    })
  const cycle = (by: number) => {
    const at = boxes.findIndex((box) => idOf(box) === last)
    const next = boxes[((at < 0 && by < 0 ? 0 : at) + by + boxes.length) % boxes.length]
    if (next !== undefined) select([idOf(next)])
  }
  const zoom = (factor: number) =>
    setView(zoomedAt(view, factor, windowSize.width / 2, windowSize.height / 2))
  const fitAgain = () => setView(fit(size, windowSize))
  const nudge = (dx: number, dy: number) =>
    edit(selected, (box) => moved(box, dx, dy, size) as OcrBox)
  const type_ = (field: Focus['field']) => {
    if (last === undefined) return
    if (field === 'descriptor' && structured) setSettings({ mode: 'professional' })
    if (field === 'text' || structured) setFocus({ id: last, field, at: (focus?.at ?? 0) + 1 })
  }
  const setRole = (role: Role | null) =>
    change((now) => ({
      boxes: now.selected.reduce<readonly OcrBox[]>(
        (all, id) => withRole(all, id, role),
        now.boxes,
      ),
    }))
  const setDirection = (direction: Direction) =>
    edit(selected, (box) => ({ ...box, attributes: { ...box.attributes, direction } }))
  const choose = (next: Tool) => {
    setTool(next)
    setPairing(null)
    setDraft(null)
  }
  const writing = (act: () => void) => () => {
    if (!readOnly) act()
  }
  useKeys({
    v: () => choose('select'),
    r: writing(() => choose('box')),
    q: writing(() => choose('corners')),
    k: writing(() => {
      if (structured && last !== undefined) pair(last)
    }),
    n: writing(drawInMiddle),
    F1: writing(() => chosen && add(chosen)),
    F2: writing(() => type_('text')),
    F3: writing(() => type_('descriptor')),
    F4: writing(remove),
    F5: () => void session.save(),
    F6: writing(split),
    Delete: writing(remove),
    Backspace: writing(() => (draft === null ? remove() : setDraft(oneBack(draft)))),
    'Ctrl+c': () => {
      if (chosen !== undefined) copied = chosen
    },
    'Ctrl+v': writing(() => copied && add(copied)),
    'Ctrl+z': writing(() => (draft === null ? work.undo() : setDraft(oneBack(draft)))),
    'Ctrl+Shift+z': writing(work.redo),
    'Ctrl+y': writing(work.redo),
    Tab: () => cycle(1),
    'Shift+Tab': () => cycle(-1),
    Escape: () => {
      if (draft !== null) setDraft(null)
      else if (pairing !== null) setPairing(null)
      else select([])
    },
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
  })
  return (
    <div className="label-stage ocr-stage" data-full={full || undefined}>
      <OcrBar
        structured={structured}
        readOnly={readOnly}
        tool={tool}
        settings={settings}
        full={full}
        scale={view.scale}
        canUndo={work.canUndo && !readOnly}
        canRedo={work.canRedo && !readOnly}
        hasSelection={chosen !== undefined}
        readingBlocked={blocked}
        reading={reading.isReading}
        onTool={choose}
        onSettings={setSettings}
        onUndo={work.undo}
        onRedo={work.redo}
        onAuto={() => void reading.whole()}
        onReadBox={() => chosen && void reading.one(chosen)}
        onZoom={zoom}
        onFit={fitAgain}
        onFull={() => setFull((on) => !on)}
        onUsage={() => setUsage(true)}
      />
      <div className="label-canvas" ref={window} role="application" aria-label={w('canvas')}>
        {windowSize.width > 0 && record !== null ? (
          <OcrCanvas
            key={record.index}
            image={picture.image}
            size={size}
            window={windowSize}
            view={view}
            onView={setView}
            boxes={boxes}
            selected={selected}
            said={said}
            settings={settings}
            tool={tool}
            pairing={pairing}
            readOnly={readOnly}
            draft={draft}
            onDraft={setDraft}
            onPick={pick}
            onDraw={draw}
            onChange={(box) => edit([idOf(box)], () => box)}
          />
        ) : null}
        {picture.failed ? (
          <Alert className="label-over" type="error" title={w('imageFailed')} />
        ) : tool === 'pair' ? (
          <Alert
            className="label-over"
            type="info"
            title={pairing === null ? t('pair.key') : t('pair.value', { id: pairing })}
          />
        ) : null}
      </div>
      <aside className="label-side ocr-side">
        {structured ? (
          <Segmented
            block
            size="small"
            value={settings.mode}
            onChange={(mode) => setSettings({ mode })}
            options={(['standard', 'professional'] as const).map((value) => ({
              value,
              label: t(`mode.${value}`),
              title: t(`mode.${value}.hint`),
            }))}
          />
        ) : null}
        <SelectionBar
          boxes={boxes.filter((box) => selected.includes(idOf(box)))}
          roles={structured && !professional}
          readOnly={readOnly}
          onDirection={setDirection}
          onRole={setRole}
          onCopy={() => chosen && add(chosen)}
          onSplit={split}
          onDelete={remove}
        />
        <BoxList
          boxes={boxes}
          said={said}
          selected={selected}
          readOnly={readOnly}
          professional={professional}
          structured={structured}
          focus={focus}
          onPick={pick}
          onSelect={(id) => select([id])}
          onText={(id, own) => say(id, { text: own })}
          onTyping={(id, descriptor) => setTyped({ id, descriptor })}
          onDescriptor={(id, descriptor) => {
            setTyped(null)
            say(id, { descriptor: tidied(id, descriptor) })
          }}
        />
        {structured ? (
          <Fields
            said={said}
            readOnly={readOnly}
            onSelect={select}
            onUnpair={(key, value) => change((now) => ({ boxes: unpaired(now.boxes, key, value) }))}
          />
        ) : null}
      </aside>
      <Usage open={usage} onClose={() => setUsage(false)} />
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

/** What belongs to this image; another image begins without. */
function useOf<T>(of: number | undefined): [T | null, (value: T | null) => void] {
  const [kept, setKept] = useState<{ of: number | undefined; value: T | null }>({ of, value: null })
  return [kept.of === of ? kept.value : null, (value) => setKept({ of, value })]
}

function oneBack(points: readonly number[]): readonly number[] | null {
  return points.length > 2 ? points.slice(0, -2) : null
}
