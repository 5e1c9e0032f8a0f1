import type { PresetContent, PresetDetail } from './queries'
import { NO_ANSWER, type Conversation, type Parameters, type Service, type Turn } from './types'

interface Said {
  question: string
  answer: string
}

/** What a saved prompt holds of a conversation: no pictures, and of the first model's side only. */
export function contentOf({ persona, parameters, sides }: Conversation): PresetContent {
  const messages = (sides[0]?.turns ?? [])
    .filter(({ pictures, answer }) => pictures.length === 0 && answer.problem === null)
    .map(({ question, answer }): Said => ({ question, answer: answer.text }))
  return { persona, parameters, messages, services: sides.map(({ service }) => service) }
}

/** A conversation that begins where a saved prompt stands, with its services where they still run. */
export function conversationOfPreset(
  preset: PresetDetail,
  version: number | null,
  services: readonly Service[],
): Conversation | null {
  const found = preset.versions.find(({ number }) => number === (version ?? preset.latest))
  if (found === undefined) return null
  const { persona, parameters, messages, services: ids } = found.content
  const wanted = Array.isArray(ids) ? ids.flatMap((id) => services.filter((s) => s.id === id)) : []
  const chosen = wanted.length > 0 ? wanted : services.slice(0, 1)
  const turns = (Array.isArray(messages) ? (messages as Said[]) : []).map(turnOf)
  return {
    id: null,
    kind: preset.kind,
    title: '',
    persona: typeof persona === 'string' ? persona : '',
    parameters: (parameters ?? {}) as Parameters,
    sides: chosen.map(({ id, name }, slot) => ({
      slot,
      service: id,
      serviceName: name,
      turns: slot === 0 ? turns : [],
    })),
  }
}

function turnOf({ question, answer }: Said): Turn {
  return { question, pictures: [], answer: { ...NO_ANSWER, state: 'done', text: answer } }
}
