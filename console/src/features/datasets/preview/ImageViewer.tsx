import { LeftOutlined, MinusOutlined, PlusOutlined, RightOutlined } from '@ant-design/icons'
import { Button, Modal } from 'antd'
import { useEffect, useRef, useState, type PointerEvent } from 'react'
import { useText } from '@/base/text'
import { Bytes } from '@/ui/Quantity'
import type { ImageSample } from '../queries'
import { Boxes } from './Boxes'
import { countLabels } from './Gallery'
import { text } from './text'
import { FIT, zoomed, type View } from './zoom'

interface Props {
  image: ImageSample | null
  colours: ReadonlyMap<string, string>
  onClose: () => void
  onPrevious: (() => void) | null
  onNext: (() => void) | null
}

/** One image as large as the window, with its labels; wheel and buttons zoom, dragging moves. */
export function ImageViewer({ image, colours, onClose, onPrevious, onNext }: Props) {
  useArrowKeys(image !== null, onPrevious, onNext)
  return (
    <Modal
      open={image !== null}
      width="min(1280px, 96vw)"
      centered
      footer={null}
      title={image?.path}
      onCancel={onClose}
      destroyOnHidden
    >
      {image === null ? null : (
        <div className="datasets-viewer">
          <Stage
            key={image.index}
            image={image}
            colours={colours}
            onPrevious={onPrevious}
            onNext={onNext}
          />
        </div>
      )}
    </Modal>
  )
}

function Stage({
  image,
  colours,
  onPrevious,
  onNext,
}: Omit<Props, 'image' | 'onClose'> & {
  image: ImageSample
}) {
  const t = useText(text)
  const [view, setView] = useState<View>(FIT)
  const [active, setActive] = useState<number | null>(null)
  const window = useWheelZoom(setView)
  const drag = useDrag(view, setView)
  const actual = () => {
    const box = window.current
    if (box === null) return
    const fit = Math.min(box.clientWidth / image.width, box.clientHeight / image.height)
    setView((now) => zoomed(now, 1 / fit / now.scale))
  }
  return (
    <>
      <div className="datasets-stage" ref={window} {...drag}>
        <div
          className="datasets-canvas"
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        >
          <img src={image.image_url} alt={image.path} draggable={false} />
          {image.boxes.length > 0 ? (
            <Boxes image={image} colours={colours} active={active} named />
          ) : null}
        </div>
        <div className="datasets-zoom">
          <Button
            icon={<MinusOutlined aria-hidden />}
            aria-label={t('viewer.zoomOut')}
            onClick={() => setView((now) => zoomed(now, 1 / 1.5))}
          />
          <span className="sw-num">{Math.round(view.scale * 100)}%</span>
          <Button
            icon={<PlusOutlined aria-hidden />}
            aria-label={t('viewer.zoomIn')}
            onClick={() => setView((now) => zoomed(now, 1.5))}
          />
          <Button onClick={() => setView(FIT)}>{t('viewer.fit')}</Button>
          <Button onClick={actual}>{t('viewer.actual')}</Button>
        </div>
      </div>
      <aside className="datasets-side">
        <div className="sw-row">
          <Button
            icon={<LeftOutlined aria-hidden />}
            aria-label={t('viewer.previous')}
            disabled={onPrevious === null}
            onClick={() => onPrevious?.()}
          />
          <Button
            icon={<RightOutlined aria-hidden />}
            aria-label={t('viewer.next')}
            disabled={onNext === null}
            onClick={() => onNext?.()}
          />
          <span className="sw-soft sw-num">
            {image.width} × {image.height} · <Bytes value={image.size_bytes} />
          </span>
        </div>
        <h2>{t('viewer.labels')}</h2>
        <LabelList image={image} colours={colours} onActive={setActive} />
        <a href={image.image_url} target="_blank" rel="noreferrer">
          {t('viewer.original')}
        </a>
        <small className="sw-faint">{t('viewer.hint')}</small>
      </aside>
    </>
  )
}

interface LabelListProps {
  image: ImageSample
  colours: ReadonlyMap<string, string>
  onActive: (index: number | null) => void
}

function LabelList({ image, colours, onActive }: LabelListProps) {
  const t = useText(text)
  if (image.boxes.length === 0 && image.labels.length === 0) {
    return <p className="sw-faint">{t('viewer.noLabels')}</p>
  }
  if (image.boxes.length === 0) {
    return (
      <ul className="datasets-labels">
        {countLabels(image).map(([name]) => (
          <li key={name} className="datasets-label">
            <i style={{ background: colours.get(name) }} />
            {name}
          </li>
        ))}
      </ul>
    )
  }
  return (
    <ul className="datasets-labels">
      {image.boxes.map((box, index) => (
        <li key={index}>
          <button
            type="button"
            onMouseEnter={() => onActive(index)}
            onMouseLeave={() => onActive(null)}
            onFocus={() => onActive(index)}
            onBlur={() => onActive(null)}
          >
            <span className="datasets-label">
              <i style={{ background: colours.get(box.label) }} />
              {box.attributes.text ?? box.label}
            </span>
            <small className="sw-faint sw-num">
              {Math.round(box.width)} × {Math.round(box.height)}
            </small>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** Wherever the focus is: a button that is pressed may vanish or be disabled by it. */
function useArrowKeys(on: boolean, onLeft: (() => void) | null, onRight: (() => void) | null) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'ArrowLeft') onLeft?.()
      if (event.key === 'ArrowRight') onRight?.()
    }
    if (on) document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [on, onLeft, onRight])
}

/** React listens to the wheel passively and so cannot keep the page from scrolling. */
function useWheelZoom(setView: (change: (now: View) => View) => void) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const { left, top, width, height } = (
        event.currentTarget as HTMLElement
      ).getBoundingClientRect()
      const px = event.clientX - left - width / 2
      const py = event.clientY - top - height / 2
      setView((now) => zoomed(now, Math.exp(-event.deltaY / 400), px, py))
    }
    element?.addEventListener('wheel', wheel, { passive: false })
    return () => element?.removeEventListener('wheel', wheel)
  }, [setView])
  return box
}

function useDrag(view: View, setView: (view: View) => void) {
  const from = useRef<{ x: number; y: number; view: View } | null>(null)
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.target instanceof Element && event.target.closest('button') !== null) return
      event.currentTarget.setPointerCapture(event.pointerId)
      from.current = { x: event.clientX, y: event.clientY, view }
    },
    onPointerMove: (event: PointerEvent) => {
      const start = from.current
      if (start === null || start.view.scale === 1) return
      const { x, y } = start.view
      setView({ ...view, x: x + event.clientX - start.x, y: y + event.clientY - start.y })
    },
    onPointerUp: () => {
      from.current = null
    },
  }
}
