import type { Size } from './shapes'

/** How the image lies in the window: a point of the image times `scale`, plus the offset. */
export interface View {
  scale: number
  x: number
  y: number
}

const [LEAST, MOST] = [0.02, 40]

export function fit(image: Size, window: Size, margin = 16): View {
  const scale = Math.min(
    (window.width - 2 * margin) / image.width,
    (window.height - 2 * margin) / image.height,
  )
  const safe = Math.min(Math.max(scale, LEAST), MOST)
  return {
    scale: safe,
    x: (window.width - image.width * safe) / 2,
    y: (window.height - image.height * safe) / 2,
  }
}

/** Zooms so that the point of the window stays on the same point of the image. */
export function zoomedAt(view: View, factor: number, px: number, py: number): View {
  const scale = Math.min(Math.max(view.scale * factor, LEAST), MOST)
  const change = scale / view.scale
  return { scale, x: px - (px - view.x) * change, y: py - (py - view.y) * change }
}

export function toImage(view: View, px: number, py: number): [number, number] {
  return [(px - view.x) / view.scale, (py - view.y) / view.scale]
}
