/** Who says something in a record; `text` is a text of nobody. */
export type Speaker = 'system' | 'user' | 'assistant' | 'tool' | 'chosen' | 'rejected' | 'text'

export interface Turn {
  speaker: Speaker
  words: string
}

export interface Conversation {
  turns: Turn[]
  /** Fields that are no part of the conversation. */
  rest: [string, unknown][]
}

type Fields = Readonly<Record<string, unknown>>
type Reader = (value: unknown) => Turn[] | null

const SPEAKERS: Record<string, Speaker> = {
  system: 'system',
  developer: 'system',
  human: 'user',
  user: 'user',
  prompter: 'user',
  gpt: 'assistant',
  model: 'assistant',
  assistant: 'assistant',
  bot: 'assistant',
  tool: 'tool',
  function: 'tool',
  function_call: 'tool',
  observation: 'tool',
}

/** Lists of turns, as the common instruction formats name them. */
const LISTS: Record<string, Reader> = {
  messages: said,
  conversations: said,
  conversation: pairs,
  history: pairs,
}

const TEXTS: [Speaker, readonly string[]][] = [
  ['system', ['system', 'system_prompt']],
  ['user', ['instruction', 'prompt', 'question', 'query', 'input']],
  ['chosen', ['chosen']],
  ['rejected', ['rejected']],
  ['assistant', ['output', 'response', 'answer', 'completion', 'target']],
  ['text', ['text', 'content']],
]

/** Reads a record as a conversation where its fields are those of a known format. */
export function readConversation(fields: Fields): Conversation | null {
  const used = new Set<string>()
  const take = (speaker: Speaker) => takeTexts(fields, speaker, used)
  const first = [...take('system'), ...takeLists(fields, used)]
  const later = TEXTS.filter(([speaker]) => speaker !== 'system')
  const turns = [...first, ...later.flatMap(([speaker]) => take(speaker))]
  if (turns.length === 0) return null
  return { turns, rest: Object.entries(fields).filter(([name]) => !used.has(name)) }
}

function takeLists(fields: Fields, used: Set<string>): Turn[] {
  return Object.entries(LISTS).flatMap(([name, read]) => {
    const found = read(fields[name])
    if (found === null) return []
    used.add(name)
    return found
  })
}

/** Instruction and input are one question, however many fields it is spread over. */
function takeTexts(fields: Fields, speaker: Speaker, used: Set<string>): Turn[] {
  const names = TEXTS.find(([one]) => one === speaker)?.[1] ?? []
  const parts = names.flatMap((name) => {
    const words = spoken(fields[name])
    if (words === null) return []
    used.add(name)
    return words === '' ? [] : [words]
  })
  return parts.length === 0 ? [] : [{ speaker, words: parts.join('\n\n') }]
}

/** Words of a field, of a message (`{value}`, `{content}`), or of a list of such. */
function spoken(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) {
    const parts = value.map(spoken)
    return parts.length > 0 && parts.every((part) => part !== null) ? parts.join('\n') : null
  }
  if (!isRecord(value)) return null
  return spoken(value.value ?? value.content ?? value.text)
}

/** `[{from, value}]` or `[{role, content}]`. */
function said(value: unknown): Turn[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  const turns = value.map((item): Turn | null => {
    if (!isRecord(item)) return null
    const words = spoken(item)
    const speaker = SPEAKERS[String(item.role ?? item.from).toLowerCase()]
    return words === null || speaker === undefined ? null : { speaker, words }
  })
  return turns.every((turn) => turn !== null) ? turns : null
}

/** `[{prompt, response}]` or `[["question", "answer"]]`. */
function pairs(value: unknown): Turn[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  const turns = value.map((item): Turn[] | null => {
    const two: unknown[] = isRecord(item) ? [item.prompt, item.response] : (item as unknown[])
    if (!Array.isArray(two)) return null
    const [asked, answered] = two
    if (typeof asked !== 'string' || typeof answered !== 'string') return null
    return [
      { speaker: 'user', words: asked },
      { speaker: 'assistant', words: answered },
    ]
  })
  return turns.every((turn) => turn !== null) ? turns.flat() : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
