import { maskInto } from './masks'

/** Shapes as the API keeps them: a rectangle, or outlines inside it, in pixels of the image. */
export interface Shape {
  label: string
  x: number
  y: number
  width: number
  height: number
  polygons?: number[][]
  is_line?: boolean
  /** Pixels instead of an outline: run lengths over the whole image (masks.ts). */
  mask?: string
  attributes?: Record<string, string | number>
}

export interface Size {
  width: number
  height: number
}

/** Smaller ones are slips of the hand. */
export const MIN_SIDE = 2

const tenth = (value: number) => Math.round(value * 10) / 10
const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

/** The rectangle between two corners, inside the image. */
export function rectangle(
  label: string,
  from: readonly [number, number],
  to: readonly [number, number],
  image: Size,
): Shape {
  const [x0, x1] = [from[0], to[0]].map((v) => clamp(v, 0, image.width)).sort((a, b) => a - b)
  const [y0, y1] = [from[1], to[1]].map((v) => clamp(v, 0, image.height)).sort((a, b) => a - b)
  const [x, y] = [tenth(x0 ?? 0), tenth(y0 ?? 0)]
  return { label, x, y, width: tenth((x1 ?? 0) - x), height: tenth((y1 ?? 0) - y) }
}

/** An outline or a line with its bounding rectangle; null where it has too few points. */
export function outlined(label: string, points: readonly number[], isLine: boolean): Shape | null {
  if (points.length < (isLine ? 4 : 6)) return null
  return {
    label,
    ...boundsOf([[...points]]),
    polygons: [points.map(tenth)],
    ...(isLine ? { is_line: true } : {}),
  }
}

export function boundsOf(polygons: readonly (readonly number[])[]): Omit<Shape, 'label'> {
  const xs = polygons.flatMap((part) => part.filter((_, at) => at % 2 === 0))
  const ys = polygons.flatMap((part) => part.filter((_, at) => at % 2 === 1))
  const [x, y] = [tenth(Math.min(...xs)), tenth(Math.min(...ys))]
  return {
    x,
    y,
    width: Math.max(tenth(Math.max(...xs) - x), 0.1),
    height: Math.max(tenth(Math.max(...ys) - y), 0.1),
  }
}

/** Moved as far as the image allows. */
export function moved(shape: Shape, dx: number, dy: number, image: Size): Shape {
  const right = Math.max(image.width - shape.x - shape.width, 0)
  const down = Math.max(image.height - shape.y - shape.height, 0)
  const [mx, my] = [clamp(dx, -shape.x, right), clamp(dy, -shape.y, down)]
  if (shape.mask !== undefined) {
    return maskInto(shape, { ...shape, x: shape.x + mx, y: shape.y + my }, image)
  }
  const polygons = shape.polygons?.map((part) =>
    part.map((value, at) => tenth(value + (at % 2 === 0 ? mx : my))),
  )
  return {
    ...shape,
    x: tenth(shape.x + mx),
    y: tenth(shape.y + my),
    ...(polygons === undefined ? {} : { polygons }),
  }
}

/** With another rectangle around it; outlines are stretched into it. */
export function fitted(shape: Shape, to: Omit<Shape, 'label'>, image: Size): Shape {
  const x = clamp(tenth(to.x), 0, image.width - MIN_SIDE)
  const y = clamp(tenth(to.y), 0, image.height - MIN_SIDE)
  const width = clamp(tenth(to.width), MIN_SIDE, tenth(image.width - x))
  const height = clamp(tenth(to.height), MIN_SIDE, tenth(image.height - y))
  if (shape.mask !== undefined) return maskInto(shape, { x, y, width, height }, image)
  const polygons = shape.polygons?.map((part) =>
    part.map((value, at) =>
      at % 2 === 0
        ? tenth(x + ((value - shape.x) / shape.width) * width)
        : tenth(y + ((value - shape.y) / shape.height) * height),
    ),
  )
  return { ...shape, x, y, width, height, ...(polygons === undefined ? {} : { polygons }) }
}

/** One point of an outline put elsewhere. */
export function withPoint(
  shape: Shape,
  part: number,
  at: number,
  point: readonly [number, number],
  image: Size,
): Shape {
  const [px, py] = [clamp(point[0], 0, image.width), clamp(point[1], 0, image.height)]
  const polygons = (shape.polygons ?? []).map((points, index) =>
    index === part
      ? points.map((value, i) => (i === 2 * at ? tenth(px) : i === 2 * at + 1 ? tenth(py) : value))
      : points,
  )
  return { ...shape, polygons, ...boundsOf(polygons) }
}

export function shapesOf(value: Record<string, unknown>): Shape[] {
  return Array.isArray(value.boxes) ? (value.boxes as Shape[]) : []
}
