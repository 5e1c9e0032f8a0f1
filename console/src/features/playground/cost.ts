import type { Answer, Service } from './types'

export type Prices = Service['prices']

const MILLION = 1_000_000

/** In the platform's currency; null where nothing is charged, or nothing is known yet. */
export function costOf(
  { state, promptTokens, tokens, results }: Answer,
  prices: Prices = {},
): number | null {
  if (state === 'answering' || Object.keys(prices).length === 0) return null
  const { prompt = 0, completion = 0, image = 0 } = prices
  const words = ((promptTokens ?? 0) * prompt + (tokens ?? 0) * completion) / MILLION
  return words + results.length * image
}
