import { useEffect, useRef, useState } from 'react'
import { ask } from './ask'
import { requestBody, withData } from './request'
import {
  MOST_SIDES,
  NO_ANSWER,
  type Answer,
  type Conversation,
  type Parameters,
  type Picture,
  type Rating,
  type Side,
  type Turn,
} from './types'

export interface Named {
  id: string
  name: string
}

/** How a conversation is kept. Left out, nothing of it is. */
export interface Keeping {
  /** Begins one; null where the user keeps no history. */
  begin: (title: string) => Promise<string | null>
  rate: (turnId: string, rating: Rating) => Promise<unknown>
  /** After answers have come. */
  changed: (id: string) => void
}

export interface Chatting {
  conversation: Conversation
  busy: boolean
  /** With `at`, the question there is asked anew, and what followed it is gone. */
  send: (question: string, pictures: readonly Picture[], at?: number) => Promise<void>
  /** The last question again, on one side or on all. */
  again: (side?: number) => Promise<void>
  stop: () => void
  rate: (side: number, at: number, rating: Rating) => Promise<void>
  setPersona: (persona: string) => void
  setParameters: (parameters: Parameters) => void
  setService: (side: number, service: Named) => void
  addSide: (service: Named) => void
  removeSide: (side: number) => void
}

export function useConversation(start: () => Conversation, keeping?: Keeping): Chatting {
  const [conversation, setConversation] = useState(start)
  const [busy, setBusy] = useState(false)
  // The newest state, for answers that come while the page is drawn anew.
  const latest = useRef(conversation)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const change = (next: Conversation) => {
    latest.current = next
    setConversation(next)
  }
  const changeSide = (at: number, of: (side: Side) => Side) => {
    const { sides } = latest.current
    change({ ...latest.current, sides: sides.map((one, index) => (index === at ? of(one) : one)) })
  }
  const answer = async (at: number, signal: AbortSignal) => {
    const side = latest.current.sides[at]
    if (side === undefined) return
    const position = side.turns.length - 1
    const put = (next: Answer) =>
      changeSide(at, (one) => ({
        ...one,
        turns: one.turns.map((turn, index) =>
          index === position ? { ...turn, answer: next } : turn,
        ),
      }))
    put(NO_ANSWER)
    const { id } = latest.current
    const complete = await withData(side)
    changeSide(at, (one) => ({ ...one, turns: joined(one.turns, complete.turns) }))
    const body = requestBody(latest.current, complete.turns, ({ data = '' }) => data)
    const place = id === null ? null : { conversation_id: id, side: side.slot, position }
    const question = { service: side.service, kind: latest.current.kind, body, place }
    put(await ask(question, signal, put))
  }
  const run = async (sides: readonly number[]) => {
    const controller = new AbortController()
    running.current = controller
    setBusy(true)
    try {
      if (keeping !== undefined && latest.current.id === null) {
        const title = latest.current.sides[0]?.turns[0]?.question ?? ''
        const id = await keeping.begin(title).catch(() => null)
        change({ ...latest.current, id, title })
      }
      if (controller.signal.aborted) return
      await Promise.all(sides.map((at) => answer(at, controller.signal)))
    } finally {
      running.current = null
      setBusy(false)
    }
    if (latest.current.id !== null) keeping?.changed(latest.current.id)
  }
  const everySide = () => latest.current.sides.map((_, at) => at)
  return {
    conversation,
    busy,
    send: (question, pictures, at) => {
      const turn: Turn = { question, pictures: [...pictures], answer: NO_ANSWER }
      const sides = latest.current.sides.map((side) => ({
        ...side,
        turns: [...side.turns.slice(0, at ?? side.turns.length), turn],
      }))
      change({ ...latest.current, sides })
      return run(everySide())
    },
    again: (side) => run(side === undefined ? everySide() : [side]),
    stop: () => running.current?.abort(),
    rate: async (side, at, rating) => {
      const turn = latest.current.sides[side]?.turns[at]
      if (turn === undefined || turn.answer.turnId === null) return
      await keeping?.rate(turn.answer.turnId, rating)
      changeSide(side, (one) => ({
        ...one,
        turns: one.turns.map((old, index) =>
          index === at ? { ...old, answer: { ...old.answer, rating } } : old,
        ),
      }))
    },
    setPersona: (persona) => change({ ...latest.current, persona }),
    setParameters: (parameters) => change({ ...latest.current, parameters }),
    setService: (at, { id, name }) =>
      changeSide(at, (side) => ({ ...side, service: id, serviceName: name })),
    addSide: ({ id, name }) => {
      const { sides } = latest.current
      if (sides.length >= MOST_SIDES) return
      const used = new Set(sides.map((side) => side.slot))
      const slot = [0, 1, 2, 3].find((one) => !used.has(one)) ?? 0
      const side: Side = { slot, service: id, serviceName: name, turns: [] }
      change({ ...latest.current, sides: [...sides, side] })
    },
    removeSide: (at) => {
      const sides = latest.current.sides.filter((_, index) => index !== at)
      if (sides.length > 0) change({ ...latest.current, sides })
    },
  }
}

/** Answers that have grown meanwhile stay; the pictures get their data. */
function joined(turns: readonly Turn[], complete: readonly Turn[]): Turn[] {
  return turns.map((turn, at) => ({ ...turn, pictures: complete[at]?.pictures ?? turn.pictures }))
}
