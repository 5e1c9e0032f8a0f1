import type { LogCategory, LogLine } from './types'

export interface LogFilter {
  words: string
  onlyMatches: boolean
  categories: ReadonlySet<LogCategory>
}

export interface Found {
  lines: readonly LogLine[]
  /** Indexes into `lines` of those that hold the words. */
  matches: readonly number[]
}

/** Control sequences of terminals: colours, cursor moves. */
// eslint-disable-next-line no-control-regex -- they are control characters
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007]*(?:\u0007|\u001b\\))/g

/** What a terminal would show of a line: no colours, and of a progress bar the last state. */
export function plainText(text: string): string {
  const plain = text.includes('\u001b') ? text.replace(ANSI, '') : text
  const shown = plain.trimEnd()
  return shown.includes('\r') ? shown.slice(shown.lastIndexOf('\r') + 1) : shown
}

export function findLines(lines: readonly LogLine[], filter: LogFilter): Found {
  const words = filter.words.toLowerCase()
  const kept = lines.filter((line) => filter.categories.has(line.category))
  if (words === '') return { lines: kept, matches: [] }
  const has = (line: LogLine) => line.text.toLowerCase().includes(words)
  if (filter.onlyMatches) {
    const found = kept.filter(has)
    return { lines: found, matches: found.map((_, index) => index) }
  }
  return { lines: kept, matches: kept.flatMap((line, index) => (has(line) ? [index] : [])) }
}

/** Cuts a text at the places to highlight: odd parts are matches. */
export function splitAtMatches(text: string, words: string): string[] {
  if (words === '') return [text]
  const lower = text.toLowerCase()
  const wanted = words.toLowerCase()
  const parts: string[] = []
  let start = 0
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, start)) {
    parts.push(text.slice(start, at), text.slice(at, at + wanted.length))
    start = at + wanted.length
  }
  parts.push(text.slice(start))
  return parts
}
