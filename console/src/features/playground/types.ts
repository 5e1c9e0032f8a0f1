export interface Parameters {
  temperature: number | null
  top_p: number | null
  max_tokens: number | null
  system: string
}

export interface Stats {
  /** Tokens of the answer, as the engine counted them. */
  tokens: number | null
  firstMs: number | null
  totalMs: number
}

export interface Message {
  role: 'user' | 'assistant'
  content: string
  stats?: Stats
  /** Why there is no more of it: the user stopped it, or this went wrong. */
  stopped?: boolean
  problem?: string
}

/** One side of a conversation: a service, and what was said with it. */
export interface Side {
  service: string
  serviceName: string
  messages: Message[]
}

export interface Conversation {
  id: string
  title: string
  updated: string
  parameters: Parameters
  /** One side, or two that were asked the same. */
  sides: Side[]
}

export const NO_PARAMETERS: Parameters = {
  temperature: null,
  top_p: null,
  max_tokens: null,
  system: '',
}
