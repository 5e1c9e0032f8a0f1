import { useSyncExternalStore } from 'react'
import type { Conversation } from './types'

/** Conversations of this browser, newest first. At most 200 are kept (PLY-15). */
const KEY = 'slipway.playground'
export const MOST = 200
const listeners = new Set<() => void>()
let current: Conversation[] = stored()

function stored(): Conversation[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(value) ? (value as Conversation[]) : []
  } catch {
    return [] // no storage allowed, or something else wrote there
  }
}

function publish(next: Conversation[]): void {
  current = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useHistory(): readonly Conversation[] {
  return useSyncExternalStore(subscribe, () => current)
}

export function readHistory(): readonly Conversation[] {
  return current
}

export function keep(conversation: Conversation): void {
  const others = current.filter(({ id }) => id !== conversation.id)
  write([conversation, ...others].slice(0, MOST))
}

export function rename(id: string, title: string): void {
  write(current.map((one) => (one.id === id ? { ...one, title } : one)))
}

export function forget(id: string): void {
  write(current.filter((one) => one.id !== id))
}

export function forgetAll(): void {
  write([])
}

/** Where the browser has no room the oldest go, one by one. */
function write(all: Conversation[]): void {
  let kept = all
  for (;;) {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept))
      break
    } catch {
      if (kept.length === 0) break
      kept = kept.slice(0, -1)
    }
  }
  publish(kept.length === 0 ? all.slice(0, 1) : kept)
}

window.addEventListener('storage', (event) => {
  if (event.key === KEY) publish(stored())
})
