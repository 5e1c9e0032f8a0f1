import { useSyncExternalStore } from 'react'

/** What a person chose for this browser. Kept in local storage, shared between tabs. */
export interface Preferences {
  language: 'en' | 'zh'
  theme: 'system' | 'light' | 'dark'
  timeZone: 'local' | 'utc'
  pageSize: number
  navCollapsed: boolean
  project: string | null
}

const STORAGE_KEY = 'slipway.preferences'
const listeners = new Set<() => void>()
let current: Preferences = { ...defaults(), ...stored() }

function defaults(): Preferences {
  return {
    language: navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en',
    theme: 'system',
    timeZone: 'local',
    pageSize: 20,
    navCollapsed: false,
    project: null,
  }
}

function stored(): Partial<Preferences> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {} // no storage allowed, or something else wrote there: start from the defaults
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function publish(next: Preferences): void {
  current = next
  for (const listener of listeners) listener()
}

export function getPreference<K extends keyof Preferences>(key: K): Preferences[K] {
  return current[key]
}

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  publish({ ...current, [key]: value })
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current))
  } catch {
    // Storage is full or forbidden: the choice holds until the page is closed.
  }
}

export function usePreference<K extends keyof Preferences>(
  key: K,
): [Preferences[K], (value: Preferences[K]) => void] {
  const value = useSyncExternalStore(subscribe, () => current[key])
  return [value, (next) => setPreference(key, next)]
}

export function onPreferenceChange(listener: () => void): () => void {
  return subscribe(listener)
}

window.addEventListener('storage', (event) => {
  if (event.key === STORAGE_KEY) publish({ ...defaults(), ...stored() })
})
