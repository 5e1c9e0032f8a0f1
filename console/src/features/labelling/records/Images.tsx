import {
  ArrowLeftOutlined,
  ArrowRightOutlined,
  CloseOutlined,
  RotateRightOutlined,
} from '@ant-design/icons'
import { Button, Image, Input, Slider } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useText } from '@/base/text'
import { text } from '../work/text'
import { movedItem } from './answers'
import { fileUrl } from './files'

const NARROWEST = 80
const WIDEST = 4000

/** Images to look at: as large as wished, turned, moved by dragging, and in full screen by a click. */
export function ImagesView({ paths, filesUrl }: { paths: readonly string[]; filesUrl: string }) {
  const t = useText(text)
  /** In pixels; as wide as the zone, or as wide as the image itself. */
  const [width, setWidth] = useState<number | 'fit' | 'actual'>('fit')
  const [turn, setTurn] = useState(0)
  const zone = useDragging((factor) =>
    setWidth((now) => {
      const from = typeof now === 'number' ? now : 480
      return Math.round(Math.min(Math.max(from * factor, NARROWEST), WIDEST))
    }),
  )
  if (paths.length === 0) return <span className="sw-faint">{t('empty')}</span>
  return (
    <div>
      <div className="label-bar">
        <Slider
          className="label-size"
          min={NARROWEST}
          max={1600}
          value={typeof width === 'number' ? width : 480}
          ariaLabelForHandle={t('grid.size')}
          onChange={setWidth}
        />
        <Button
          size="small"
          type="text"
          aria-pressed={width === 'fit'}
          onClick={() => setWidth('fit')}
        >
          {t('fit')}
        </Button>
        <Button
          size="small"
          type="text"
          aria-pressed={width === 'actual'}
          onClick={() => setWidth('actual')}
        >
          {t('actual')}
        </Button>
        <Button
          size="small"
          type="text"
          icon={<RotateRightOutlined aria-hidden />}
          aria-label={t('rotate')}
          onClick={() => setTurn((now) => (now + 90) % 360)}
        />
      </div>
      <Image.PreviewGroup>
        <div className="label-images record-zone" {...zone}>
          {paths.map((path, at) => (
            <Picture
              key={`${at} ${path}`}
              path={path}
              filesUrl={filesUrl}
              width={width === 'fit' ? '100%' : width === 'actual' ? undefined : width}
              turn={turn}
            />
          ))}
        </div>
      </Image.PreviewGroup>
    </div>
  )
}

/** Drag to move what is larger than the zone; Ctrl and the wheel make it larger or smaller. */
function useDragging(onZoom: (factor: number) => void) {
  const [dragging, setDragging] = useState(false)
  const [zone, setZone] = useState<HTMLDivElement | null>(null)
  const moved = useRef(false)
  const zoom = useRef(onZoom)
  useEffect(() => {
    zoom.current = onZoom
  })
  useEffect(() => {
    if (zone === null) return
    // React's own listener cannot keep the browser from zooming the page.
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      zoom.current(event.deltaY < 0 ? 1.15 : 1 / 1.15)
    }
    zone.addEventListener('wheel', turn, { passive: false })
    return () => zone.removeEventListener('wheel', turn)
  }, [zone])
  return {
    ref: setZone,
    'data-dragging': dragging || undefined,
    onPointerDown: (event: React.PointerEvent) => {
      moved.current = false
      if (event.button === 0) setDragging(true)
    },
    onPointerMove: (event: React.PointerEvent) => {
      if (!dragging || zone === null || event.buttons === 0) return
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 2) moved.current = true
      zone.scrollBy(-event.movementX, -event.movementY)
    },
    onPointerUp: () => setDragging(false),
    onPointerLeave: () => setDragging(false),
    onClickCapture: (event: React.MouseEvent) => {
      // The end of a drag is no click.
      if (moved.current) event.stopPropagation()
    },
    onDragStart: (event: React.DragEvent) => event.preventDefault(),
  }
}

interface FieldProps {
  paths: readonly string[]
  filesUrl: string
  readOnly: boolean
  one?: boolean
  onChange: (paths: string[]) => void
}

/** Images of a record that can be removed, put in another order, and added by their path. */
export function ImageField({ paths, filesUrl, readOnly, one = false, onChange }: FieldProps) {
  const t = useText(text)
  const [added, setAdded] = useState('')
  const add = () => {
    const path = added.trim()
    if (path !== '') onChange(one ? [path] : [...paths, path])
    setAdded('')
  }
  return (
    <div>
      <Image.PreviewGroup>
        <div className="label-images">
          {paths.map((path, at) => (
            <div key={`${at} ${path}`}>
              <Picture path={path} filesUrl={filesUrl} width={180} turn={0} />
              {readOnly ? null : (
                <span className="label-group">
                  <Button
                    size="small"
                    type="text"
                    icon={<ArrowLeftOutlined aria-hidden />}
                    aria-label={t('item.up', { number: at + 1 })}
                    disabled={at === 0}
                    onClick={() => onChange(movedItem(paths, at, -1))}
                  />
                  <Button
                    size="small"
                    type="text"
                    icon={<ArrowRightOutlined aria-hidden />}
                    aria-label={t('item.down', { number: at + 1 })}
                    disabled={at === paths.length - 1}
                    onClick={() => onChange(movedItem(paths, at, 1))}
                  />
                  <Button
                    size="small"
                    type="text"
                    danger
                    icon={<CloseOutlined aria-hidden />}
                    aria-label={t('image.remove', { number: at + 1 })}
                    onClick={() => onChange(paths.filter((_, index) => index !== at))}
                  />
                </span>
              )}
            </div>
          ))}
        </div>
      </Image.PreviewGroup>
      {readOnly ? null : (
        <Input
          size="small"
          value={added}
          placeholder={t('image.add')}
          aria-label={t('image.add')}
          onChange={(event) => setAdded(event.target.value)}
          onPressEnter={add}
          onBlur={add}
        />
      )}
    </div>
  )
}

interface PictureProps {
  path: string
  filesUrl: string
  width: number | string | undefined
  turn: number
}

function Picture({ path, filesUrl, width, turn }: PictureProps) {
  const t = useText(text)
  const [failed, setFailed] = useState(false)
  if (failed) return <span className="sw-faint">{t('image.missing', { path })}</span>
  return (
    <span
      className="label-picture"
      title={path}
      data-turned={turn % 180 === 0 ? undefined : true}
      style={{ width }}
    >
      <Image
        src={fileUrl(filesUrl, path)}
        alt={path}
        width={width === undefined ? undefined : '100%'}
        style={turn === 0 ? undefined : { transform: `rotate(${turn}deg)` }}
        onError={() => setFailed(true)}
      />
    </span>
  )
}
