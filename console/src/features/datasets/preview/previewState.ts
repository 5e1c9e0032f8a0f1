import { useSearchParams } from 'react-router'
import type { LabelStatus } from '../queries'

const STATUSES: readonly LabelStatus[] = ['all', 'labelled', 'unlabelled']

/** What the preview shows, kept in the address. */
export interface PreviewState {
  page: number
  size: number
  label: string | undefined
  status: LabelStatus
  /** The enlarged sample. */
  sample: number | null
  /** A search over all samples, and its order. */
  q: string
  order: string
  on: boolean
  raw: boolean
  change: (part: Partial<Record<Key, string | null>>) => void
}

type Key = 'page' | 'size' | 'label' | 'status' | 'sample' | 'preview' | 'view' | 'q' | 'order'
/** A change of these keeps the page; any other begins at the first. */
const KEEPS_PAGE: readonly Key[] = ['page', 'sample', 'view']

export function usePreviewState(defaultSize: number): PreviewState {
  const [query, setQuery] = useSearchParams()
  const sample = query.get('sample')
  return {
    page: positive(query.get('page')) ?? 1,
    size: positive(query.get('size')) ?? defaultSize,
    label: query.get('label') ?? undefined,
    status: STATUSES.find((status) => status === query.get('status')) ?? 'all',
    sample: sample === null || !/^\d+$/.test(sample) ? null : Number(sample),
    q: query.get('q') ?? '',
    order: query.get('order') ?? '',
    on: query.get('preview') !== 'off',
    raw: query.get('view') === 'raw',
    change: (part) => {
      const next = new URLSearchParams(query)
      const keys = Object.keys(part) as Key[]
      if (keys.some((key) => !KEEPS_PAGE.includes(key))) next.delete('page')
      for (const key of keys) {
        const value = part[key]
        if (value == null) next.delete(key)
        else next.set(key, value)
      }
      setQuery(next)
    },
  }
}

function positive(value: string | null): number | null {
  return value !== null && /^[1-9]\d{0,8}$/.test(value) ? Math.min(Number(value), 10 ** 8) : null
}
