import type { Node } from './queries'

/** What one instance asks for. */
export interface Request {
  cpu_cores: number
  memory_bytes: number
  gpus: number
}

export type Fit = 'now' | 'later' | 'never'

/**
 * Whether `count` equal instances find room: now, when others end, or never. A hint beside the
 * form; the platform decides.
 */
export function fitOf(nodes: readonly Node[], request: Request, count: number): Fit {
  const ready = nodes.filter((node) => node.takes_work)
  if (roomFor(ready.map(freeOf), request) >= count) return 'now'
  return roomFor(nodes.map(wholeOf), request) >= count ? 'later' : 'never'
}

export const GIB = 2 ** 30

/** No card, a share of one in tenths, or whole cards. */
export function isCardCount(count: number): boolean {
  const tenths = Math.abs(count * 10 - Math.round(count * 10)) < 1e-6
  return count >= 0 && tenths && (count < 1 || Number.isInteger(count))
}

/** 3.1 rather than 3.1000000000000001. */
export function tidy(value: number): string {
  return String(Math.round(value * 100) / 100)
}

interface Room {
  cpu_cores: number
  memory_bytes: number
  /** What each card has left: a share lies on one card, whole cards must be untouched. */
  cards: number[]
}

function roomFor(rooms: readonly Room[], request: Request): number {
  return rooms.reduce((all, room) => all + timesIn(room, request), 0)
}

function timesIn(room: Room, request: Request): number {
  const times = (has: number, wants: number) =>
    wants > 0 ? Math.floor(has / wants + 1e-9) : Number.POSITIVE_INFINITY
  return Math.max(
    0,
    Math.min(
      times(room.cpu_cores, request.cpu_cores),
      times(room.memory_bytes, request.memory_bytes),
      cardTimes(room.cards, request.gpus, times),
    ),
  )
}

function cardTimes(
  cards: readonly number[],
  wants: number,
  times: (has: number, wants: number) => number,
): number {
  if (wants >= 1) return times(cards.filter((free) => free >= 1).length, wants)
  if (wants === 0) return Number.POSITIVE_INFINITY
  return cards.reduce((all, free) => all + times(free, wants), 0)
}

function freeOf(node: Node): Room {
  return {
    cpu_cores: node.cpu_cores - node.cpu_cores_held,
    memory_bytes: node.memory_bytes - node.memory_bytes_held,
    cards: node.cards.map(({ free }) => free),
  }
}

function wholeOf(node: Node): Room {
  return {
    cpu_cores: node.cpu_cores,
    memory_bytes: node.memory_bytes,
    cards: node.cards.map(({ state }) => (state === 'faulty' ? 0 : 1)),
  }
}
