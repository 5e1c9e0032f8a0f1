export interface LabelValue {
  name: string
  colour: string | null
  /** The name that a label of the task has until now; a new one has none. */
  was?: string
}

// As the platform chooses them: told apart also by people who see red and green alike.
const PALETTE = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#f0e442',
  '#7f3c8d',
  '#3969ac',
  '#11a579',
  '#e73f74',
  '#80ba5a',
]

export function colourAt(index: number): string {
  return PALETTE[index % PALETTE.length] ?? '#0072b2'
}

/** A list of names, or of objects with name and colour; null: it is neither. */
export function fromJson(source: string): LabelValue[] | null {
  try {
    const value: unknown = JSON.parse(source)
    if (!Array.isArray(value)) return null
    const found = value.map(oneFrom)
    return found.every((one) => one !== null) ? found : null
  } catch {
    return null
  }
}

export function toJson(rows: readonly LabelValue[]): string {
  const named = rows.filter(({ name }) => name.trim() !== '')
  return `${JSON.stringify(
    named.map(({ name, colour }) => ({ name, colour })),
    null,
    2,
  )}\n`
}

/** What the API takes: each name once, and which names changed. */
export function toChange(rows: readonly LabelValue[]): {
  labels: { name: string; colour: string | null }[]
  renames: Record<string, string>
} {
  const labels = new Map<string, string | null>()
  const renames: Record<string, string> = {}
  for (const { name: raw, colour, was } of rows) {
    const name = raw.trim()
    if (name === '') continue
    if (was !== undefined && was !== name) renames[was] = name
    if (!labels.has(name) || was === name) labels.set(name, colour)
  }
  return { labels: [...labels].map(([name, colour]) => ({ name, colour })), renames }
}

function oneFrom(value: unknown): LabelValue | null {
  if (typeof value === 'string') return { name: value, colour: null }
  if (typeof value !== 'object' || value === null || !('name' in value)) return null
  const { name } = value
  const colour = 'colour' in value ? value.colour : 'color' in value ? value.color : null
  if (typeof name !== 'string') return null
  const good = typeof colour === 'string' && /^#[0-9a-f]{6}$/i.test(colour)
  return { name, colour: good ? colour : null }
}
