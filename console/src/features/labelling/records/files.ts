import { apiUrl } from '@/api/client'

/** The address of what a record names: a file of the dataset, or something on the web. */
export function fileUrl(filesUrl: string, path: string): string {
  if (/^(https?:|data:(image|audio|video)\/)/.test(path)) return path
  const parts = path.replace(/^\.\//, '').split('/')
  return apiUrl(filesUrl + parts.map(encodeURIComponent).join('/'))
}
