/** The rule of names of the API (its sentence is `nameRule`). */
export const NAME = /^[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][\w\-\u3400-\u4dbf\u4e00-\u9fff]{0,59}$/

/** A name that a place suggests: `bucket/raw/blood cells.zip` is `blood-cells`. */
export function nameFrom(address: string): string {
  const last = address.replace(/\/+$/, '').split('/').at(-1) ?? ''
  const bare = last.replace(/\.(zip|tar|tgz|tar\.gz|csv|xlsx?|jsonl)$/i, '')
  const cleaned = bare
    .replace(/[^\w\-\u3400-\u4dbf\u4e00-\u9fff]+/g, '-')
    .replace(/^[-_]+|-+$/g, '')
  return cleaned.slice(0, 60)
}
