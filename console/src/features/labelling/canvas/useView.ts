import { useState } from 'react'
import { fit, type View } from './view'
import type { Size } from './shapes'

/** Fits the image when another comes and when the window changes; zoomed only by hand. */
export function useView(
  index: number | undefined,
  size: Size,
  window: Size,
): [View, (view: View) => void] {
  const frame = `${index} ${size.width} ${size.height} ${window.width} ${window.height}`
  const [kept, setKept] = useState<{ frame: string; view: View } | null>(null)
  const view = kept !== null && kept.frame === frame ? kept.view : fit(size, window)
  return [view, (next) => setKept({ frame, view: next })]
}

export type Points = readonly number[] | null

/** What is being drawn on this image; another image begins without. */
export function useDraft(of: number | undefined): [Points, (points: Points) => void] {
  const [kept, setKept] = useState<{ of: number | undefined; points: Points }>({ of, points: null })
  return [kept.of === of ? kept.points : null, (points) => setKept({ of, points })]
}

export function oneBack(points: readonly number[]): Points {
  return points.length > 2 ? points.slice(0, -2) : null
}
