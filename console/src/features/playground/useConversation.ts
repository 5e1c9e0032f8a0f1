import { useRef, useState } from 'react'
import { ask, requestBody } from './chat'
import { keep, readHistory } from './history'
import { NO_PARAMETERS, type Conversation, type Message, type Parameters, type Side } from './types'

const TITLE_LENGTH = 40

export interface Chatting {
  conversation: Conversation
  busy: boolean
  send: (words: string) => Promise<void>
  again: () => Promise<void>
  stop: () => void
  setParameters: (parameters: Parameters) => void
  setService: (side: number, service: { id: string; name: string }) => void
  /** One side, or two: the second begins with the questions of the first unanswered. */
  setSides: (count: 1 | 2, service?: { id: string; name: string }) => void
}

/** `crypto.randomUUID` is missing where the console is served without https. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')
}

/** A conversation of the history, or a new one with this service. */
export function openConversation(id: string, service: Side): Conversation {
  const known = readHistory().find((one) => one.id === id)
  return known ?? { id, title: '', updated: '', parameters: NO_PARAMETERS, sides: [service] }
}

/** `remember` gets the conversation after each answer: by default the history of this browser. */
export function useConversation(
  start: () => Conversation,
  untitled: string,
  remember: (conversation: Conversation) => void = keep,
): Chatting {
  const [conversation, setConversation] = useState(start)
  const [busy, setBusy] = useState(false)
  // The newest state, for answers that come while the page is drawn anew.
  const latest = useRef(conversation)
  const running = useRef<AbortController | null>(null)
  const change = (next: Conversation) => {
    latest.current = next
    setConversation(next)
  }
  const changeSide = (at: number, of: (side: Side) => Side) => {
    const { current } = latest
    change({ ...current, sides: current.sides.map((one, index) => (index === at ? of(one) : one)) })
  }
  const answer = async (at: number, signal: AbortSignal) => {
    const { parameters, sides } = latest.current
    const side = sides[at]
    if (side === undefined) return
    const body = requestBody(parameters, side.messages)
    const put = (message: Message) =>
      changeSide(at, (one) => ({ ...one, messages: [...side.messages, message] }))
    put({ role: 'assistant', content: '' })
    put(
      await ask(side.service, body, signal, (progress) => put({ role: 'assistant', ...progress })),
    )
  }
  const run = async () => {
    const controller = new AbortController()
    running.current = controller
    setBusy(true)
    const sides = latest.current.sides.map((_, at) => answer(at, controller.signal))
    await Promise.all(sides)
    running.current = null
    setBusy(false)
    remember({ ...latest.current, updated: new Date().toISOString() })
  }
  return {
    conversation,
    busy,
    send: (words) => {
      const { current } = latest
      const title = current.title || titleOf(words) || untitled
      const sides = current.sides.map((side) => ({
        ...side,
        messages: [...side.messages, { role: 'user' as const, content: words }],
      }))
      change({ ...current, title, sides })
      return run()
    },
    again: () => {
      const sides = latest.current.sides.map((side) => ({
        ...side,
        messages: withoutLastAnswer(side.messages),
      }))
      change({ ...latest.current, sides })
      return run()
    },
    stop: () => running.current?.abort(),
    setParameters: (parameters) => change({ ...latest.current, parameters }),
    setService: (at, { id, name }) =>
      changeSide(at, (side) => ({ ...side, service: id, serviceName: name })),
    setSides: (count, service) => {
      const [first, second] = latest.current.sides
      if (first === undefined) return
      const other = second ?? {
        service: service?.id ?? first.service,
        serviceName: service?.name ?? first.serviceName,
        messages: [],
      }
      change({ ...latest.current, sides: count === 1 ? [first] : [first, other] })
    },
  }
}

function titleOf(words: string): string {
  const line = words.trim().split('\n')[0] ?? ''
  return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH)}…` : line
}

function withoutLastAnswer(messages: Message[]): Message[] {
  return messages.at(-1)?.role === 'assistant' ? messages.slice(0, -1) : messages
}
