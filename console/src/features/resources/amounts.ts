import type { Group, Node } from './queries'

/** What one instance asks for. */
export interface Request {
  cpu_cores: number
  memory_bytes: number
  gpus: number
}

export interface Card {
  index: number
  model: string
  memory_bytes: number | null
  held: boolean
}

/** Free cards of one model: on machines wholly free, and on machines partly in use. */
export interface FreeCards {
  model: string
  total: number
  free: number
  whole: number
  fragments: number
}

export type Fit = 'now' | 'later' | 'never'

export const takesWork = ({ state, cordoned }: Node) => state === 'running' && !cordoned

export function cardsOf(node: Node): Card[] {
  return node.gpus.map((gpu, position) => {
    const index = typeof gpu.index === 'number' ? gpu.index : position
    return {
      index,
      model: typeof gpu.model === 'string' ? gpu.model : 'GPU',
      memory_bytes: typeof gpu.memory_bytes === 'number' ? gpu.memory_bytes : null,
      held: node.gpus_held.includes(index),
    }
  })
}

export function freeCards(group: Group): FreeCards[] {
  const models = new Map<string, FreeCards>()
  for (const node of group.nodes.filter(takesWork)) {
    const cards = cardsOf(node)
    const untouched = cards.every(({ held }) => !held)
    for (const { model, held } of cards) {
      const sum = models.get(model) ?? { model, total: 0, free: 0, whole: 0, fragments: 0 }
      const free = held ? 0 : 1
      models.set(model, {
        model,
        total: sum.total + 1,
        free: sum.free + free,
        whole: sum.whole + (untouched ? free : 0),
        fragments: sum.fragments + (untouched ? 0 : free),
      })
    }
  }
  return [...models.values()]
}

export interface Amounts {
  cpu: number
  cpuHeld: number
  memory: number
  memoryHeld: number
  gpus: number
  gpusHeld: number
}

export function amountsOf(nodes: readonly Node[]): Amounts {
  const sum = (of: (node: Node) => number) => nodes.reduce((all, node) => all + of(node), 0)
  return {
    cpu: sum((node) => node.cpu_cores),
    cpuHeld: sum((node) => node.cpu_cores_held),
    memory: sum((node) => node.memory_bytes),
    memoryHeld: sum((node) => node.memory_bytes_held),
    gpus: sum((node) => node.gpus.length),
    gpusHeld: sum((node) => node.gpus_held.length),
  }
}

/**
 * Whether `count` equal instances find room: now, when others end, or never. A hint beside the
 * form; the platform decides.
 */
export function fitOf(group: Group, request: Request, count: number): Fit {
  const ready = group.nodes.filter(takesWork)
  if (roomFor(ready.map(freeOf), request) >= count) return 'now'
  return roomFor(group.nodes.map(wholeOf), request) >= count ? 'later' : 'never'
}

function roomFor(nodes: readonly Request[], request: Request): number {
  return nodes.reduce((all, node) => all + timesIn(node, request), 0)
}

function timesIn(node: Request, request: Request): number {
  const times = (has: number, wants: number) =>
    wants > 0 ? Math.floor(has / wants + 1e-9) : Number.POSITIVE_INFINITY
  return Math.max(
    0,
    Math.min(
      times(node.cpu_cores, request.cpu_cores),
      times(node.memory_bytes, request.memory_bytes),
      times(node.gpus, request.gpus),
    ),
  )
}

function freeOf(node: Node): Request {
  return {
    cpu_cores: node.cpu_cores - node.cpu_cores_held,
    memory_bytes: node.memory_bytes - node.memory_bytes_held,
    gpus: node.gpus.length - node.gpus_held.length,
  }
}

function wholeOf(node: Node): Request {
  return { cpu_cores: node.cpu_cores, memory_bytes: node.memory_bytes, gpus: node.gpus.length }
}
