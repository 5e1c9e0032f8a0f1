import type { Conversation, Picture, Side, Turn } from './types'

export interface Part {
  type: 'text' | 'image_url'
  text?: string
  image_url?: { url: string }
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string | Part[]
}

/** `messages` of a chat or `prompt` of a picture, with parameters beside them. */
export interface RequestBody {
  messages?: ChatMessage[]
  prompt?: string
  stream?: boolean
  stream_options?: { include_usage: true }
  response_format?: string
  [parameter: string]: unknown
}

/**
 * The body of the API's call for the question at `at`: persona first, then what was said before,
 * without what failed. `picture` gives the data URL of a picture; a sample of code gives a stand-in.
 */
export function requestBody(
  { kind, persona, parameters }: Pick<Conversation, 'kind' | 'persona' | 'parameters'>,
  turns: readonly Turn[],
  picture: (picture: Picture) => string,
): RequestBody {
  const last = turns.at(-1)
  if (kind === 'image') {
    return { prompt: last?.question ?? '', response_format: 'b64_json', ...parameters }
  }
  const said = turns.flatMap((turn, at): ChatMessage[] => {
    const question: ChatMessage = { role: 'user', content: contentOf(turn, picture) }
    if (at === turns.length - 1) return [question]
    // A question without its answer would make two in a row, which models refuse.
    return turn.answer.text === ''
      ? []
      : [question, { role: 'assistant', content: turn.answer.text }]
  })
  const system: ChatMessage[] =
    persona.trim() === '' ? [] : [{ role: 'system', content: persona.trim() }]
  return {
    messages: [...system, ...said],
    stream: true,
    stream_options: { include_usage: true },
    ...parameters,
  }
}

function contentOf({ question, pictures }: Turn, picture: (picture: Picture) => string) {
  if (pictures.length === 0) return question
  const images = pictures.map((one): Part => ({
    type: 'image_url',
    image_url: { url: picture(one) },
  }))
  return question === '' ? images : [{ type: 'text', text: question } satisfies Part, ...images]
}

/** Pictures of a conversation opened anew are fetched once: a model is sent the picture itself. */
export async function withData(side: Side): Promise<Side> {
  const turns = side.turns.map(async (turn) => ({
    ...turn,
    pictures: await Promise.all(
      turn.pictures.map(async (one) => ({ ...one, data: one.data ?? (await dataUrl(one.url)) })),
    ),
  }))
  return { ...side, turns: await Promise.all(turns) }
}

async function dataUrl(url: string): Promise<string> {
  const response = await fetch(url)
  return await readPicture(await response.blob())
}

export function readPicture(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result as string)
    reader.onerror = () => reject(reader.error ?? new Error('The picture cannot be read.'))
    reader.readAsDataURL(file)
  })
}
