/** The page of a storage address `bucket/path`. */
export function storageLink(address: string): string {
  const path = address
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/')
  return `/storage/${path}`
}
