/** English to Chinese; the same text where nothing is known of it. */
export type Translator = (english: string) => string

interface Template {
  pattern: RegExp
  words: string
  literal: number
}

const HOLE = /\{(\d+)\}/
const MOST_REMEMBERED = 500

/**
 * `{"The task is {0} already.": "任务已处于{0}状态。"}`: holes take any text. The template with the
 * most fixed letters wins. What stands in a hole is translated too: reasons quote reasons. A text
 * that is no template as a whole is tried sentence by sentence.
 */
export function compile(
  list: Readonly<Record<string, string>>,
  stateWord: (word: string) => string | null = () => null,
): Translator {
  const exact = new Map<string, string>()
  const templates: Template[] = []
  for (const [english, words] of Object.entries(list)) {
    if (HOLE.test(english)) templates.push(template(english, words))
    else exact.set(english, words)
  }
  templates.sort((a, b) => b.literal - a.literal)
  const known = new Map<string, string>()

  const whole = (english: string, depth: number): string | null => {
    const found = exact.get(english)
    if (found !== undefined) return found
    for (const { pattern, words } of templates) {
      const match = pattern.exec(english)
      if (match !== null) return filled(words, match.slice(1), (part) => inHole(part, depth))
    }
    return null
  }
  const inHole = (part: string, depth: number): string =>
    stateWord(part) ??
    (depth > 0 ? (whole(part, depth - 1) ?? bySentence(part, depth - 1)) : null) ??
    part
  const bySentence = (english: string, depth: number): string | null => {
    const parts = english.split(/(?<=[.!?])\s+(?=\S)/)
    if (parts.length < 2) return null
    const words = parts.map((part) => whole(part, depth))
    if (words.every((one) => one === null)) return null
    return parts.map((part, at) => words[at] ?? part).join('')
  }
  return (english) => {
    const remembered = known.get(english)
    if (remembered !== undefined) return remembered
    const text = whole(english, 2) ?? bySentence(english, 2) ?? english
    if (known.size >= MOST_REMEMBERED) known.clear()
    known.set(english, text)
    return text
  }
}

function template(english: string, words: string): Template {
  const parts = english.split(/\{\d+\}/)
  const pattern = parts.map(escaped).join('([^]*?)')
  return { pattern: new RegExp(`^${pattern}$`), words, literal: parts.join('').length }
}

/** Holes are numbered in the order of the English sentence; the Chinese may order them anew. */
function filled(words: string, values: string[], of: (value: string) => string): string {
  return words.replace(/\{(\d+)\}/g, (_, at: string) => of(values[Number(at)] ?? ''))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
