import { Alert } from 'antd'
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react'
import { useText } from '@/base/text'
import { text } from '../work/text'
import { Canvas, type CanvasProps } from './Canvas'
import { useElementSize } from './useElementSize'
import { useImage } from './useImage'
import { useView } from './useView'
import { fit, toImage, zoomedAt, type View } from './view'

export interface AreaHandle {
  zoom: (factor: number) => void
  fit: () => void
  /** What of the image is in the middle of the window, and how large a pixel is. */
  middle: () => { at: [number, number]; scale: number }
}

interface Props extends Omit<CanvasProps, 'image' | 'window' | 'view' | 'onView' | 'moving'> {
  ref: Ref<AreaHandle>
  url: string | null
  /** Images that share it are looked at from the same place. */
  place: number | undefined
  onScale: (scale: number) => void
}

const SETTLED_MS = 120

/** The window on the image. Moving about stays in here: nothing around it is drawn anew. */
export function CanvasArea({ ref, url, place, onScale, ...props }: Props) {
  const t = useText(text)
  const [element, window] = useElementSize()
  const picture = useImage(url)
  const { size } = props
  const [view, setView] = useView(place, size, window)
  const [moving, move] = useSmooth(view, setView)
  const told = useRef(onScale)
  useEffect(() => {
    told.current = onScale
  })
  useEffect(() => {
    const timer = setTimeout(() => told.current(view.scale), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [view.scale])
  useImperativeHandle(ref, () => ({
    zoom: (factor) => move(zoomedAt(view, factor, window.width / 2, window.height / 2)),
    fit: () => move(fit(size, window)),
    middle: () => ({ at: toImage(view, window.width / 2, window.height / 2), scale: view.scale }),
  }))
  return (
    <div className="label-canvas" ref={element} role="application" aria-label={t('canvas')}>
      {window.width > 0 ? (
        <Canvas
          {...props}
          image={picture.image}
          window={window}
          view={view}
          onView={move}
          moving={moving}
        />
      ) : null}
      {picture.failed ? (
        <Alert className="label-over" type="error" title={t('imageFailed')} />
      ) : null}
    </div>
  )
}

/** At most one move a frame, however many the mouse reports; tells whether it is still going on. */
function useSmooth(view: View, setView: (view: View) => void): [boolean, (next: View) => void] {
  const frame = useRef(0)
  const latest = useRef(view)
  const [moving, setMoving] = useMoving()
  useEffect(() => () => cancelAnimationFrame(frame.current), [])
  return [
    moving,
    (next) => {
      latest.current = next
      setMoving()
      if (frame.current !== 0) return
      frame.current = requestAnimationFrame(() => {
        frame.current = 0
        setView(latest.current)
      })
    },
  ]
}

function useMoving(): [boolean, () => void] {
  const [moving, setMoving] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return [
    moving,
    () => {
      clearTimeout(timer.current)
      setMoving(true)
      timer.current = setTimeout(() => setMoving(false), SETTLED_MS)
    },
  ]
}
