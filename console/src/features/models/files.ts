import type { Schema } from '@/api/types'

export type ModelFile = Schema<'slipway__models__views__FileView'>

/** A line of the file browser: a folder with what is below it, or a file. */
export interface Entry {
  /** Path from the top; a folder ends in '/'. */
  path: string
  name: string
  folder: boolean
  size_bytes: number
  count: number
  sha256: string
}

/** What lies directly in a folder ('' or ending in '/'), folders first. */
export function entriesOf(files: readonly ModelFile[], folder: string): Entry[] {
  const entries = new Map<string, Entry>()
  for (const file of files) {
    if (!file.path.startsWith(folder)) continue
    const [first = '', ...deeper] = file.path.slice(folder.length).split('/')
    const isFolder = deeper.length > 0
    const path = folder + first + (isFolder ? '/' : '')
    const known = entries.get(path)
    entries.set(path, {
      path,
      name: first,
      folder: isFolder,
      size_bytes: (known?.size_bytes ?? 0) + file.size_bytes,
      count: (known?.count ?? 0) + 1,
      sha256: isFolder ? '' : file.sha256,
    })
  }
  return [...entries.values()].sort(
    (a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name),
  )
}
