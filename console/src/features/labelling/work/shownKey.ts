const WORDS: Record<string, string> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
}

/** `Ctrl+Shift+z` as people write it: Ctrl+Shift+Z. */
export function shownKey(key: string | undefined): string {
  if (key === undefined) return ''
  const parts = key === '+' ? ['+'] : key.split(/\+(?=.)/)
  return parts
    .map((part) => WORDS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join('+')
}
