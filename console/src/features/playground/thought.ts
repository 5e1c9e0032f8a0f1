import type { Answer } from './types'

export interface Split {
  thought: string
  words: string
  /** It still reasons: the answer has not begun. */
  thinking: boolean
}

const OPEN = '<think>'
const CLOSE = '</think>'

/**
 * Reasoning apart from the answer. Engines send it in a field of its own; models served without
 * such a parser write it between tags, and some leave the first tag to their template.
 */
export function splitThought({ text, reasoning, state }: Answer): Split {
  const coming = state === 'answering'
  if (reasoning !== '') {
    return { thought: reasoning.trim(), words: text.trimStart(), thinking: coming && text === '' }
  }
  const close = text.indexOf(CLOSE)
  const begins = text.trimStart().startsWith(OPEN)
  if (close >= 0) {
    const start = begins ? text.indexOf(OPEN) + OPEN.length : 0
    return {
      thought: text.slice(start, close).trim(),
      words: text.slice(close + CLOSE.length).trimStart(),
      thinking: false,
    }
  }
  if (begins) {
    const thought = text.slice(text.indexOf(OPEN) + OPEN.length).trim()
    return { thought, words: '', thinking: coming }
  }
  return { thought: '', words: text, thinking: false }
}
