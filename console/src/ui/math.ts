const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/
const MATH = /\$\$|\\\(|\\\[|(?<![\\\w$])\$(?=\S)[^$\n]*\S\$(?!\d)/

/** Whether a text holds formulas: only then is what sets them fetched. */
export function hasMath(source: string): boolean {
  return MATH.test(source)
}

/** `\(` and `\[`, as most models write them, into the dollars that the parser knows; code stays. */
export function withDollars(source: string): string {
  return source
    .split(CODE)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replace(/\\\[([\s\S]*?)\\\]/g, (_, inner: string) => `\n$$\n${inner.trim()}\n$$\n`)
            .replace(/\\\(([\s\S]*?)\\\)/g, (_, inner: string) => `$${inner.trim()}$`),
    )
    .join('')
}
