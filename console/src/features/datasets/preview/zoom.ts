/** Scale 1 is "fits the window"; x and y move the picture's middle, in pixels of the window. */
export interface View {
  scale: number
  x: number
  y: number
}

export const FIT: View = { scale: 1, x: 0, y: 0 }
const MAX_SCALE = 24

/** Zooms so that the point under the pointer (from the window's middle) stays where it is. */
export function zoomed(view: View, factor: number, px = 0, py = 0): View {
  const scale = Math.min(Math.max(view.scale * factor, 1), MAX_SCALE)
  if (scale === 1) return FIT
  const change = scale / view.scale
  return { scale, x: px - (px - view.x) * change, y: py - (py - view.y) * change }
}
