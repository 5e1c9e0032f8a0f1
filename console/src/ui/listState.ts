import { useLocation, useNavigate, useSearchParams } from 'react-router'
import { usePreference } from '@/base/preferences'

export type FilterValues = Record<string, string[]>

/** What the API's list endpoints take. Filters stand beside these under their own names. */
export interface ListParams {
  limit: number
  cursor?: string
  search?: string
  order?: string
}

/** Everything a list page was asked to show, read from the address and written back to it. */
export interface ListState {
  search: string
  order: string
  filters: FilterValues
  page: number
  pageSize: number
  params: ListParams
  /** Whether anything narrows the list: then an empty list means "nothing matches". */
  narrowed: boolean
  canGoBack: boolean
  setSearch: (search: string) => void
  setOrder: (order: string) => void
  setFilter: (key: string, values: string[]) => void
  clearFilters: () => void
  setPageSize: (size: number) => void
  goNext: (cursor: string) => void
  goBack: () => void
}

interface Options {
  /** Names of the filters, as the API calls them. */
  filters?: readonly string[]
  /** `-created_at`: newest first. */
  defaultOrder?: string
  /** Before the names in the address, where a page has two lists. */
  prefix?: string
}

/** Cursors of the pages before this one. They live in the history entry, not in the address. */
interface Trail {
  trail?: (string | null)[]
}

export function useListState({
  filters: filterKeys = [],
  defaultOrder = '-created_at',
  prefix = '',
}: Options = {}): ListState {
  const [query] = useSearchParams()
  const navigate = useNavigate()
  const state = useLocation().state as Trail | null
  const [pageSize, setPageSize] = usePreference('pageSize')
  const trail = state?.trail ?? []
  const name = (key: string) => prefix + key

  const search = query.get(name('search')) ?? ''
  const order = query.get(name('order')) ?? defaultOrder
  const cursor = query.get(name('cursor'))
  const page = Number(query.get(name('page')) ?? '1')
  const filters = Object.fromEntries(filterKeys.map((key) => [key, query.getAll(name(key))]))
  const narrowed = search !== '' || Object.values(filters).some((values) => values.length > 0)

  const go = (change: (next: URLSearchParams) => void, trailAfter: Trail['trail'] = []) => {
    const next = new URLSearchParams(query)
    next.delete(name('cursor'))
    next.delete(name('page'))
    change(next)
    void navigate({ search: next.toString() }, { state: { trail: trailAfter } })
  }
  const put = (next: URLSearchParams, key: string, values: readonly string[]) => {
    next.delete(name(key))
    for (const value of values) if (value !== '') next.append(name(key), value)
  }
  const goTo = (target: string | null, number: number, trailAfter: (string | null)[]) =>
    go((next) => {
      if (target !== null) put(next, 'cursor', [target])
      if (number > 1) put(next, 'page', [String(number)])
    }, trailAfter)

  return {
    search,
    order,
    filters,
    page,
    pageSize,
    narrowed,
    params: {
      limit: pageSize,
      order,
      ...(cursor === null ? {} : { cursor }),
      ...(search === '' ? {} : { search }),
      ...Object.fromEntries(Object.entries(filters).filter(([, values]) => values.length > 0)),
    },
    canGoBack: cursor !== null,
    setSearch: (text) => go((next) => put(next, 'search', [text.trim()])),
    setOrder: (value) => go((next) => put(next, 'order', value === defaultOrder ? [] : [value])),
    setFilter: (key, values) => go((next) => put(next, key, values)),
    clearFilters: () =>
      go((next) => ['search', ...filterKeys].forEach((key) => put(next, key, []))),
    setPageSize: (size) => {
      setPageSize(size)
      go(() => undefined)
    },
    goNext: (nextCursor) => goTo(nextCursor, page + 1, [...trail, cursor]),
    // A shared link has no trail: one step back from it is the first page.
    goBack: () => goTo(trail.at(-1) ?? null, trail.length > 0 ? page - 1 : 1, trail.slice(0, -1)),
  }
}

/** Pages a list that the API hands out whole, with the same search rule as the API's (`a|b`). */
export function localPage<Item>(
  items: readonly Item[],
  { limit, cursor, search }: ListParams,
  words: (item: Item) => string,
): { items: Item[]; next_cursor: string | null; total: number } {
  const wanted = (search ?? '')
    .toLowerCase()
    .split('|')
    .map((word) => word.trim())
    .filter(Boolean)
  const found = items.filter((item) => {
    const text = words(item).toLowerCase()
    return wanted.length === 0 || wanted.some((word) => text.includes(word))
  })
  const start = Number(cursor ?? 0)
  const end = start + limit
  return {
    items: found.slice(start, end),
    next_cursor: end < found.length ? String(end) : null,
    total: found.length,
  }
}
