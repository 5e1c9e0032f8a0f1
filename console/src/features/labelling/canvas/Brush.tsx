import type Konva from 'konva'
import { useImperativeHandle, useRef, type Ref } from 'react'
import { Circle, Image as Picture } from 'react-konva'
import { filled, maskOf, pixelsOf, stroke, tinted, type Pixels } from './masks'
import type { Shape, Size } from './shapes'

type Point = [number, number]

export interface BrushHandle {
  /** Begins on a shape, or on nothing for a new one. */
  down: (at: Point) => void
  move: (at: Point) => void
  /** What became of the shape; null where nothing is left of it. */
  up: () => Shape | null
}

interface Props {
  ref: Ref<BrushHandle>
  base: Shape | null
  label: string
  colour: string
  size: Size
  radius: number
  erasing: boolean
  scale: number
  pointer: Point | null
}

interface Stroke {
  pixels: Pixels
  canvas: HTMLCanvasElement
  last: Point
}

/** Painting, shown while it happens: on a canvas of its own, without React, for every move counts. */
export function Brush({ ref, base, label, colour, size, radius, erasing, scale, pointer }: Props) {
  const now = useRef<Stroke | null>(null)
  const node = useRef<Konva.Image>(null)
  const paint = (to: Point) => {
    const { current } = now
    const pen = current?.canvas.getContext('2d')
    if (current === null || !pen) return
    stroke(current.pixels, size, current.last, to, radius, erasing ? 0 : 1)
    pen.globalCompositeOperation = erasing ? 'destination-out' : 'source-over'
    pen.strokeStyle = colour
    pen.lineWidth = 2 * radius
    pen.lineCap = 'round'
    pen.beginPath()
    pen.moveTo(...current.last)
    // A line of no length paints nothing; a dot is as long as nothing can be.
    pen.lineTo(to[0] + 0.01, to[1])
    pen.stroke()
    current.last = to
    node.current?.getLayer()?.batchDraw()
  }
  useImperativeHandle(ref, () => ({
    down: (at) => {
      const canvas = document.createElement('canvas')
      canvas.width = size.width
      canvas.height = size.height
      now.current = { pixels: pixelsFor(base, size), canvas, last: at }
      if (base !== null) {
        const shown = maskOf(label, now.current.pixels, size)
        if (shown !== null) {
          canvas.getContext('2d')?.drawImage(tinted(shown, size, colour), shown.x, shown.y)
        }
      }
      node.current?.image(canvas)
      paint(at)
    },
    move: (at) => {
      if (now.current !== null) paint(at)
    },
    up: () => {
      const { current } = now
      now.current = null
      node.current?.image(undefined)
      if (current === null) return base
      const made = maskOf(base?.label ?? label, current.pixels, size)
      return made === null ? null : { ...withoutOutline(base), ...made }
    },
  }))
  return (
    <>
      <Picture
        ref={node}
        image={undefined}
        opacity={0.6}
        imageSmoothingEnabled={false}
        listening={false}
      />
      {pointer === null ? null : (
        <Circle
          x={pointer[0]}
          y={pointer[1]}
          radius={radius}
          stroke="#ffffff"
          strokeWidth={1.5 / scale}
          dash={erasing ? [4 / scale, 3 / scale] : []}
          // To be seen on light and on dark.
          shadowColor="#000000"
          shadowBlur={3}
          listening={false}
        />
      )}
    </>
  )
}

function pixelsFor(base: Shape | null, size: Size): Pixels {
  if (base === null) return new Uint8Array(size.width * size.height)
  return base.mask === undefined ? filled(base.polygons ?? [], size) : pixelsOf(base.mask, size)
}

/** What was an outline is pixels once it was painted on. */
function withoutOutline(base: Shape | null): Partial<Shape> {
  return base?.attributes === undefined ? {} : { attributes: base.attributes }
}
