/** `"like this"` where a name or a value would not be one word of a query. */
export function quoted(text: string): string {
  return /^[\p{L}\p{N}_.:/-]+$/u.test(text) && !WORDS.has(text.toLowerCase())
    ? text
    : `"${text.replace(/[\\"]/g, '\\$&')}"`
}

const WORDS = new Set(['and', 'or', 'not', 'in', 'is', 'len', 'empty'])

/** The query with one more condition. */
export function narrowed(query: string, condition: string): string {
  if (query.trim() === '') return condition
  return /\bor\b/i.test(query) ? `(${query}) and ${condition}` : `${query} and ${condition}`
}
