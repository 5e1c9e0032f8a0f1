import { useSyncExternalStore } from 'react'
import { getPreference, setPreference } from '@/base/preferences'

/**
 * The current project is the first part of the address, `/p/<id>/...`, so that a link shared
 * with a colleague opens in the right project. The last one used is remembered for bare links.
 */
const PREFIX = /^\/p\/([^/]+)(?=\/|$)/
const listeners = new Set<() => void>()

export function currentProject(): string | null {
  const found = PREFIX.exec(window.location.pathname)?.[1]
  return found === undefined ? null : decodeURIComponent(found)
}

export function projectBase(id: string): string {
  return `/p/${encodeURIComponent(id)}`
}

/** Gives the address its project where it has none, or one that the user cannot see. */
export function settleProject(known: readonly string[], mayEnterAny: boolean): string | null {
  const asked = currentProject()
  if (asked !== null && (mayEnterAny || known.includes(asked))) return remember(asked)
  const last = getPreference('project')
  const chosen = last !== null && known.includes(last) ? last : (known[0] ?? null)
  if (chosen === null) return null
  const { pathname, search, hash } = window.location
  const rest = asked === null ? pathname : pathname.replace(PREFIX, '')
  window.history.replaceState(window.history.state, '', projectBase(chosen) + rest + search + hash)
  return remember(chosen)
}

/** Goes to the first page of another project. */
export function switchProject(id: string): void {
  window.history.pushState(null, '', `${projectBase(id)}/`)
  remember(id)
  for (const listener of listeners) listener()
}

export function useCurrentProject(): string | null {
  return useSyncExternalStore(subscribe, currentProject)
}

function remember(id: string): string {
  if (getPreference('project') !== id) setPreference('project', id)
  return id
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}
