import type { Shape, Size } from './shapes'

/** Masks as COCO writes them: run lengths column by column, background first, as short text. */

/** A byte a pixel, row by row: 1 is inside. */
export type Pixels = Uint8Array

export function expand(counts: string): number[] {
  const runs: number[] = []
  let value = 0
  let place = 1
  for (const letter of counts) {
    const bits = letter.charCodeAt(0) - 48
    value += (bits & 31) * place
    place *= 32
    if (bits & 32) continue
    if (bits & 16) value -= place
    runs.push(runs.length > 2 ? value + (runs.at(-2) ?? 0) : value)
    value = 0
    place = 1
  }
  return runs
}

export function compress(runs: readonly number[]): string {
  let text = ''
  runs.forEach((run, at) => {
    let rest = at > 2 ? run - (runs[at - 2] ?? 0) : run
    for (;;) {
      const bits = rest & 31
      rest >>= 5
      const more = bits & 16 ? rest !== -1 : rest !== 0
      text += String.fromCharCode(48 + (more ? bits | 32 : bits))
      if (!more) break
    }
  })
  return text
}

export function pixelsOf(counts: string, { width, height }: Size): Pixels {
  const pixels = new Uint8Array(width * height)
  let at = 0
  expand(counts).forEach((run, number) => {
    if (number % 2 === 1) {
      for (let i = at; i < at + run; i++) pixels[(i % height) * width + Math.floor(i / height)] = 1
    }
    at += run
  })
  return pixels
}

/** The mask with the rectangle around it; null where no pixel is left. */
export function maskOf(label: string, pixels: Pixels, { width, height }: Size): Shape | null {
  let [left, top, right, bottom] = [width, height, -1, -1]
  const runs: number[] = []
  let [run, inside] = [0, 0]
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const value = pixels[y * width + x] ?? 0
      if (value !== inside) {
        runs.push(run)
        run = 0
        inside = value
      }
      run++
      if (value === 0) continue
      if (x < left) left = x
      right = x
      if (y < top) top = y
      if (y > bottom) bottom = y
    }
  }
  runs.push(run)
  if (right < 0) return null
  const [across, down] = [right - left + 1, bottom - top + 1]
  return { label, x: left, y: top, width: across, height: down, mask: compress(runs) }
}

/** A round brush pulled from one point to another. */
export function stroke(
  pixels: Pixels,
  { width, height }: Size,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  radius: number,
  value: 0 | 1,
): void {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const long = dx * dx + dy * dy
  const top = Math.max(Math.floor(Math.min(y0, y1) - radius), 0)
  const bottom = Math.min(Math.ceil(Math.max(y0, y1) + radius), height - 1)
  const left = Math.max(Math.floor(Math.min(x0, x1) - radius), 0)
  const right = Math.min(Math.ceil(Math.max(x0, x1) + radius), width - 1)
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0]
      const share = long === 0 ? 0 : Math.min(Math.max((px * dx + py * dy) / long, 0), 1)
      const [ex, ey] = [px - share * dx, py - share * dy]
      if (ex * ex + ey * ey <= radius * radius) pixels[y * width + x] = value
    }
  }
}

/** Every pixel whose middle lies in one of the outlines. */
export function filled(outlines: readonly (readonly number[])[], { width, height }: Size): Pixels {
  const pixels = new Uint8Array(width * height)
  for (const outline of outlines) {
    for (let y = 0; y < height; y++) {
      const crossings = crossed(outline, y + 0.5)
      for (let at = 0; at + 1 < crossings.length; at += 2) {
        const first = Math.max(Math.ceil((crossings[at] ?? 0) - 0.5), 0)
        const last = Math.min(Math.ceil((crossings[at + 1] ?? 0) - 0.5), width)
        if (last > first) pixels.fill(1, y * width + first, y * width + last)
      }
    }
  }
  return pixels
}

function crossed(outline: readonly number[], y: number): number[] {
  const found: number[] = []
  for (let at = 0; at < outline.length; at += 2) {
    const [x0 = 0, y0 = 0] = [outline[at], outline[at + 1]]
    const next = (at + 2) % outline.length
    const [x1 = 0, y1 = 0] = [outline[next], outline[next + 1]]
    if (y0 <= y !== y1 <= y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0))
  }
  return found.sort((a, b) => a - b)
}

/** The mask moved and stretched from its rectangle into another one. */
export function maskInto(shape: Shape, to: Omit<Shape, 'label'>, size: Size): Shape {
  const from = pixelsOf(shape.mask ?? '', size)
  const pixels = new Uint8Array(size.width * size.height)
  const [left, top] = [Math.round(to.x), Math.round(to.y)]
  const across = Math.max(Math.round(to.width), 1)
  const down = Math.max(Math.round(to.height), 1)
  for (let y = Math.max(top, 0); y < Math.min(top + down, size.height); y++) {
    const fy = shape.y + Math.floor(((y - top + 0.5) / down) * shape.height)
    for (let x = Math.max(left, 0); x < Math.min(left + across, size.width); x++) {
      const fx = shape.x + Math.floor(((x - left + 0.5) / across) * shape.width)
      pixels[y * size.width + x] = from[fy * size.width + fx] ?? 0
    }
  }
  const made = maskOf(shape.label, pixels, size)
  return made === null ? shape : { ...shape, ...made }
}

/** The part of an image that a mask covers, in one colour, to be drawn at its rectangle. */
export function tinted(shape: Shape, size: Size, colour: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(shape.width, 1)
  canvas.height = Math.max(shape.height, 1)
  const pen = canvas.getContext('2d')
  if (pen === null) return canvas
  const image = pen.createImageData(canvas.width, canvas.height)
  const pixels = pixelsOf(shape.mask ?? '', size)
  const value = Number.parseInt(colour.slice(1, 7), 16)
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      if (pixels[(shape.y + y) * size.width + shape.x + x] !== 1) continue
      const at = 4 * (y * canvas.width + x)
      image.data[at] = value >> 16
      image.data[at + 1] = (value >> 8) & 255
      image.data[at + 2] = value & 255
      image.data[at + 3] = 255
    }
  }
  pen.putImageData(image, 0, 0)
  return canvas
}

/** Whether a point of the image lies on the mask. */
export function onMask(shape: Shape, x: number, y: number, height: number): boolean {
  const wanted = Math.floor(x) * height + Math.floor(y)
  let at = 0
  return expand(shape.mask ?? '').some((run, number) => {
    at += run
    return number % 2 === 1 && wanted >= at - run && wanted < at
  })
}
