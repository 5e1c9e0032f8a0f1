import type { Schema } from '@/api/types'

export type Kind = Schema<'TryKind'>
export type Service = Schema<'TriedServiceView'>
export type Rule = Schema<'ParameterRuleView'>
export type Rating = Schema<'Rating'>
export type AnswerState = Schema<'AnswerState'>
export type Problem = Schema<'AnswerProblemView'>
export type Summary = Schema<'ConversationView'>
export type Detail = Schema<'ConversationDetail'>
export type KeptTurn = Schema<'TurnView'>

export const KINDS: readonly Kind[] = ['chat', 'image', 'vision']
/** Models that are asked at once. */
export const MOST_SIDES = 4

/** Names and values as in the request's body; what is missing is left to the model. */
export type Parameters = Record<string, number | string>

/** `url` is what the page shows; `data` is the picture itself as a data URL, where it is at hand. */
export interface Picture {
  url: string
  data?: string
}

export interface Answer {
  state: AnswerState
  text: string
  reasoning: string
  /** What was drawn, as addresses to show. */
  results: string[]
  problem: Problem | null
  finish: string
  promptTokens: number | null
  tokens: number | null
  firstMs: number | null
  totalMs: number | null
  /** Where it is kept; null where nothing is. */
  turnId: string | null
  rating: Rating
}

export interface Turn {
  question: string
  pictures: Picture[]
  answer: Answer
}

/** One side of a conversation: a service, and what was said with it. */
export interface Side {
  /** Its number in the history: that of a side that was taken away is free again. */
  slot: number
  service: string
  serviceName: string
  turns: Turn[]
}

export interface Conversation {
  /** null until it is kept. */
  id: string | null
  kind: Kind
  title: string
  persona: string
  parameters: Parameters
  /** One side, or several that are asked the same. */
  sides: Side[]
}

export const NO_ANSWER: Answer = {
  state: 'answering',
  text: '',
  reasoning: '',
  results: [],
  problem: null,
  finish: '',
  promptTokens: null,
  tokens: null,
  firstMs: null,
  totalMs: null,
  turnId: null,
  rating: 'none',
}

export function freshConversation(kind: Kind, sides: readonly Pick<Service, 'id' | 'name'>[]) {
  return {
    id: null,
    kind,
    title: '',
    persona: '',
    parameters: {},
    sides: sides.map(({ id, name }, slot) => ({
      slot,
      service: id,
      serviceName: name,
      turns: [],
    })),
  } satisfies Conversation
}

export interface Opened {
  /** The conversation on this bench is kept from now on, under this id. */
  onBegun: (id: string) => void
  /** An empty bench in its place. */
  onRestart: () => void
}
