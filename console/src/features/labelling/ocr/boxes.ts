import { boundsOf, type Shape, type Size } from '../canvas/shapes'

export type Direction = 'horizontal' | 'vertical'

/** A text on the image: its outline in reading order, its number, and what is said about it. */
export interface OcrBox extends Shape {
  polygons: number[][]
  attributes: {
    id: number
    text: string
    direction: Direction
    descriptor: string
    confidence?: number
  }
}

/** What is kept of an image. Numbers are never used again in it, so the next one is kept, too. */
export interface Drawn {
  boxes: readonly OcrBox[]
  nextId: number
}

export function drawnOf(value: Record<string, unknown>): Drawn {
  const boxes = Array.isArray(value.boxes) ? (value.boxes as OcrBox[]) : []
  const most = boxes.reduce((found, box) => Math.max(found, box.attributes.id), 0)
  return { boxes, nextId: Math.max(Number(value.next_id ?? 1), most + 1) }
}

export const idOf = (box: OcrBox) => box.attributes.id
export const outlineOf = (box: OcrBox): readonly number[] => box.polygons[0] ?? []

const tenth = (value: number) => Math.round(value * 10) / 10

type Said = Partial<Omit<OcrBox['attributes'], 'id'>>

export function makeBox(id: number, points: readonly number[], said: Said = {}): OcrBox {
  const polygons = [points.map(tenth)]
  return {
    label: 'text',
    ...boundsOf(polygons),
    polygons,
    attributes: { id, text: '', direction: 'horizontal', descriptor: '', ...said },
  }
}

/** The four corners of a rectangle, clockwise from the top left, inside the image. */
export function cornersOf(
  from: readonly [number, number],
  to: readonly [number, number],
  image: Size,
): number[] {
  const inside = (value: number, most: number) => Math.min(Math.max(value, 0), most)
  const [x0, x1] = [from[0], to[0]].map((x) => inside(x, image.width)).sort((a, b) => a - b)
  const [y0, y1] = [from[1], to[1]].map((y) => inside(y, image.height)).sort((a, b) => a - b)
  const [left, right, top, bottom] = [x0 ?? 0, x1 ?? 0, y0 ?? 0, y1 ?? 0]
  return [left, top, right, top, right, bottom, left, bottom]
}

/** The smallest box at a point. */
export function boxAt(boxes: readonly OcrBox[], x: number, y: number): OcrBox | null {
  const here = boxes.filter(
    (box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
  )
  return here.reduce<OcrBox | null>(
    (best, box) =>
      best === null || box.width * box.height <= best.width * best.height ? box : best,
    null,
  )
}

/** Two boxes out of one, along the line of writing. What it belongs to stays with the first (F6). */
export function splitBox(box: OcrBox, newId: number): [OcrBox, OcrBox] {
  const points = outlineOf(box)
  const [ax, ay, bx, by, cx, cy, dx, dy] =
    points.length === 8
      ? (points as [number, number, number, number, number, number, number, number])
      : [
          box.x,
          box.y,
          box.x + box.width,
          box.y,
          box.x + box.width,
          box.y + box.height,
          box.x,
          box.y + box.height,
        ]
  const middle = (a: number, b: number) => (a + b) / 2
  const { text, direction, descriptor } = box.attributes
  const [one, two] = halves(text)
  const said = { text: two, direction }
  if (direction === 'vertical') {
    const [lx, ly, rx, ry] = [middle(ax, dx), middle(ay, dy), middle(bx, cx), middle(by, cy)]
    return [
      makeBox(idOf(box), [ax, ay, bx, by, rx, ry, lx, ly], { text: one, direction, descriptor }),
      makeBox(newId, [lx, ly, rx, ry, cx, cy, dx, dy], said),
    ]
  }
  const [tx, ty, ux, uy] = [middle(ax, bx), middle(ay, by), middle(dx, cx), middle(dy, cy)]
  return [
    makeBox(idOf(box), [ax, ay, tx, ty, ux, uy, dx, dy], { text: one, direction, descriptor }),
    makeBox(newId, [tx, ty, bx, by, cx, cy, ux, uy], said),
  ]
}

/** At the space nearest to the middle, else in the middle; a text with a name stays whole. */
function halves(text: string): [string, string] {
  if (text.includes('@@')) return [text, '']
  const letters = Array.from(text)
  const middle = letters.length / 2
  const spaces = letters.flatMap((letter, at) => (letter === ' ' ? [at] : []))
  const nearest = spaces.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0]
  const at = nearest ?? Math.ceil(middle)
  return [letters.slice(0, at).join(''), letters.slice(at).join('').trimStart()]
}

/** Whether two boxes cover much the same place: what is found again is not added twice. */
export function covers(one: Shape, other: Shape): boolean {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
  if (across <= 0 || down <= 0) return false
  const least = Math.min(one.width * one.height, other.width * other.height)
  return (across * down) / least > 0.5
}
