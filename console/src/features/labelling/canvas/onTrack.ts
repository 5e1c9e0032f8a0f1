import type { Shape } from './shapes'

/** Shapes of an object over frames: `track_id`, and what is said of it in this one. */

export function trackOf(shape: Shape): number | null {
  const found = shape.attributes?.track_id
  return typeof found === 'number' ? found : null
}

/** Where in the frame the same object is; -1 if it is not there. */
export function ofTrack(shapes: readonly Shape[], shape: Shape): number {
  const track = trackOf(shape)
  return track === null ? -1 : shapes.findIndex((one) => trackOf(one) === track)
}

export function withTrack(shape: Shape, track: number): Shape {
  return touched({ ...shape, attributes: { ...shape.attributes, track_id: track } })
}

/** The number of a new object: one that neither the sequence nor this frame knows. */
export function nextTrack(known: number, shapes: readonly Shape[]): number {
  return Math.max(known, ...shapes.map((shape) => (trackOf(shape) ?? 0) + 1))
}

/** A person has set it: a keyframe from now on. */
export function touched(shape: Shape): Shape {
  if (shape.attributes?.interpolated === undefined) return shape
  return { ...shape, attributes: without(shape, 'interpolated') }
}

export function flagged(shape: Shape, flag: 'occluded' | 'ended'): Shape {
  const attributes = without(shape, flag)
  const was = shape.attributes?.[flag]
  return touched({ ...shape, attributes: was ? attributes : { ...attributes, [flag]: 1 } })
}

/** Shapes of another frame taken over; an object that a person set here already stays as it is. */
export function carriedInto(shapes: readonly Shape[], coming: readonly Shape[]): Shape[] {
  const kept = shapes.filter(
    (shape) => !(shape.attributes?.interpolated && ofTrack(coming, shape) !== -1),
  )
  const added = coming
    .filter((shape) => ofTrack(kept, shape) === -1)
    .map((shape) => {
      return touched({ ...shape, attributes: without(shape, 'ended') })
    })
  return [...kept, ...added]
}

function without(shape: Shape, name: string): NonNullable<Shape['attributes']> {
  return Object.fromEntries(Object.entries(shape.attributes ?? {}).filter(([key]) => key !== name))
}
