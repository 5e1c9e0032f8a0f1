/** One function where it was called from: `value` is the weight of all samples that pass it. */
export interface FlameNode {
  name: string
  /** File and line, where known. */
  place: string
  value: number
  children: FlameNode[]
}

interface Frame {
  name: string
  file?: string
  line?: number
}

interface Sampled {
  name?: string
  samples: readonly (readonly number[])[]
  weights?: readonly number[]
}

/** The part of a speedscope file that is read here. */
export interface Speedscope {
  shared: { frames: readonly Frame[] }
  profiles: readonly Sampled[]
}

/** All samples of all threads as one tree; below it each thread, then the calls from outer to inner. */
export function flameOf({ shared, profiles }: Speedscope): FlameNode {
  const root: FlameNode = { name: '', place: '', value: 0, children: [] }
  for (const { name = '', samples, weights } of profiles) {
    if (samples.length === 0) continue
    const thread: FlameNode = { name, place: '', value: 0, children: [] }
    root.children.push(thread)
    for (const [at, stack] of samples.entries()) {
      const weight = weights?.[at] ?? 1
      root.value += weight
      thread.value += weight
      addStack(thread, stack, shared.frames, weight)
    }
  }
  return root
}

function addStack(
  from: FlameNode,
  stack: readonly number[],
  frames: readonly Frame[],
  weight: number,
): void {
  let node = from
  for (const index of stack) {
    const { name, file, line } = frames[index] ?? { name: '?' }
    const place = file === undefined ? '' : line === undefined ? file : `${file}:${line}`
    let next = node.children.find((one) => one.name === name && one.place === place)
    if (next === undefined) {
      next = { name, place, value: 0, children: [] }
      node.children.push(next)
    }
    next.value += weight
    node = next
  }
}

export interface FlameBox {
  node: FlameNode
  depth: number
  /** Shares of the whole width. */
  left: number
  width: number
}

/** Boxes too narrow to be seen are left out, with all below them. */
export function boxesOf(root: FlameNode, least = 0.002): FlameBox[] {
  const boxes: FlameBox[] = []
  const place = (node: FlameNode, depth: number, left: number) => {
    const width = root.value === 0 ? 0 : node.value / root.value
    if (width < least) return
    boxes.push({ node, depth, left, width })
    let at = left
    for (const child of node.children.toSorted((a, b) => b.value - a.value)) {
      place(child, depth + 1, at)
      at += root.value === 0 ? 0 : child.value / root.value
    }
  }
  place(root, 0, 0)
  return boxes
}
