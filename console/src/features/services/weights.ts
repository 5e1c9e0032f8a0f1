export type Weights = Readonly<Record<string, number>>

export function sumOf(weights: Weights): number {
  return Object.values(weights).reduce((sum, weight) => sum + weight, 0)
}

/** 100% over these, as even as whole numbers allow; the first get what is left over. */
export function shareEvenly(ids: readonly string[]): Record<string, number> {
  const each = Math.floor(100 / Math.max(ids.length, 1))
  const over = 100 - each * ids.length
  return Object.fromEntries(ids.map((id, at) => [id, each + (at < over ? 1 : 0)]))
}

/** With two versions, moving one moves the other; with more, each is moved by itself. */
export function moved(weights: Weights, id: string, weight: number): Record<string, number> {
  const next = { ...weights, [id]: weight }
  const others = Object.keys(weights).filter((one) => one !== id)
  const [other] = others
  return others.length === 1 && other !== undefined ? { ...next, [other]: 100 - weight } : next
}
