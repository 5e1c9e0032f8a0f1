/** Sizes of a model by their shape: `16:9` has 640x360 and 1280x720. Small ones first. */
export function sizesByRatio(sizes: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const ordered = [...sizes].sort((a, b) => area(a) - area(b))
  for (const size of ordered) {
    const ratio = ratioOf(size)
    if (ratio !== null) found.set(ratio, [...(found.get(ratio) ?? []), size])
  }
  return new Map([...found].sort(([a], [b]) => shape(a) - shape(b)))
}

/** `9:16` of `360x640`; null where it is no size. */
export function ratioOf(size: string): string | null {
  const sides = sidesOf(size)
  if (sides === null) return null
  const [width, height] = sides
  const common = divisor(width, height)
  return `${width / common}:${height / common}`
}

export function sidesOf(size: string): [number, number] | null {
  const found = /^(\d+)x(\d+)$/.exec(size)
  return found === null ? null : [Number(found[1]), Number(found[2])]
}

function area(size: string): number {
  const sides = sidesOf(size)
  return sides === null ? 0 : sides[0] * sides[1]
}

function shape(ratio: string): number {
  const [width = 1, height = 1] = ratio.split(':').map(Number)
  return width / height
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
