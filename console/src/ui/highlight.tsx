import type { ReactNode } from 'react'

/** Longer code is shown plain: colours are a help, and must not make the page wait. */
const MOST = 40_000

const KEYWORDS = new Set(
  (
    'and as assert async await break case catch class const continue def default del do elif else ' +
    'enum except export extends False finally fn for from func function if impl import in ' +
    'interface is lambda let match mut new None not null or package pass private public pub raise ' +
    'return self static struct switch this throw True true false try type undefined use var void ' +
    'while with yield'
  ).split(' '),
)
const SQL =
  /^(select|from|where|join|left|right|on|group|order|by|insert|into|values|update|set|limit|and|or|not|null)$/i
const PLAIN = new Set(['', 'text', 'txt', 'plain', 'markdown', 'md', 'csv'])
/** Languages in which `#` begins a comment. */
const HASH =
  /^(py|python|openai|sh|bash|shell|zsh|curl|cli|yaml|yml|toml|ruby|rb|r|dockerfile|make|ini)/i

const SLASHES = /\/\/[^\n]*|\/\*[\s\S]*?\*\//
const STRING =
  /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/
const NUMBER = /\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b/
const WORD = /[A-Za-z_][A-Za-z0-9_]*/

/** Comments, strings, numbers and keywords in their colours. No grammar: good enough to read by. */
export function highlighted(code: string, language: string): ReactNode {
  const name = language.toLowerCase()
  if (PLAIN.has(name) || code.length > MOST) return code
  const comment = HASH.test(name) ? /#[^\n]*/ : name === 'sql' ? /--[^\n]*/ : SLASHES
  const parts = [comment, STRING, NUMBER, WORD].map(({ source }) => `(${source})`)
  const found: ReactNode[] = []
  let end = 0
  for (const match of code.matchAll(new RegExp(parts.join('|'), 'g'))) {
    const [words, isComment, isString, isNumber] = match
    const kind = isComment
      ? 'comment'
      : isString
        ? 'string'
        : isNumber
          ? 'number'
          : isKeyword(words, name)
            ? 'keyword'
            : null
    if (kind === null) continue
    found.push(code.slice(end, match.index))
    found.push(
      <span key={match.index} className={`sw-code-${kind}`}>
        {words}
      </span>,
    )
    end = match.index + words.length
  }
  found.push(code.slice(end))
  return found
}

function isKeyword(word: string, language: string): boolean {
  if (language === 'json') return ['true', 'false', 'null'].includes(word)
  return language === 'sql' ? SQL.test(word) : KEYWORDS.has(word)
}
