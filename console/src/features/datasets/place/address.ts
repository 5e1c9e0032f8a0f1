/** Addresses of storage: `bucket/folder/file`, a folder with or without its last slash. */
export interface Place {
  bucket: string
  /** Path of the folder, '' or ending in '/'. */
  folder: string
}

/** The folder that holds what an address names. */
export function folderOf(address: string): Place {
  const [bucket = '', ...parts] = address.split('/')
  return {
    bucket,
    folder: parts
      .slice(0, -1)
      .map((part) => `${part}/`)
      .join(''),
  }
}

/** Where the storage page shows an address: the folder that holds it. */
export function placePath(address: string): string {
  const { bucket, folder } = folderOf(address)
  return `/storage/${[bucket, ...folder.split('/').filter(Boolean)].map(encodeURIComponent).join('/')}`
}

export const ARCHIVE = /\.(zip|tar|tgz|tar\.gz)$/i

/**
 * What a dataset is made from after an upload to `base` (ends in '/'): the one archive or table, or
 * the folder of everything. A folder that was dropped as a whole is entered, unless its own
 * subfolders would then be missing as names of classes.
 */
export function uploadedAddress(base: string, paths: readonly string[], single: RegExp): string {
  const [first] = paths
  if (first === undefined) return ''
  if (paths.length === 1 && single.test(first)) return base + first
  const top = first.includes('/') ? `${first.split('/', 1)[0] ?? ''}/` : null
  if (top === null || !paths.every((path) => path.startsWith(top))) return base
  const below = paths.map((path) => path.slice(top.length))
  return below.some((path) => path.includes('/')) ? base + top : base
}
