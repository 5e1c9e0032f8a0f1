import { useMemo, useSyncExternalStore } from 'react'
import type { LabelKind } from '../queries'
import { useKeys, type KeyMap } from './keys'

const DRAWN: readonly LabelKind[] = ['detection', 'segmentation', 'tracking']
const BOXED: readonly LabelKind[] = ['detection', 'tracking']
const IMAGES: readonly LabelKind[] = ['classification', ...DRAWN]

interface Command {
  group: 'go' | 'draw' | 'shape' | 'track' | 'view'
  /** Without a change by the user. The first is shown on buttons. */
  keys: readonly string[]
  kinds: readonly LabelKind[]
}

/** What can be done by a key in the image consoles, and by which. A person may choose other keys. */
export const COMMANDS = {
  previous: { group: 'go', keys: ['a'], kinds: IMAGES },
  next: { group: 'go', keys: ['d'], kinds: IMAGES },
  submit: { group: 'go', keys: ['Enter', 'Ctrl+Enter'], kinds: DRAWN },
  save: { group: 'go', keys: ['Ctrl+s'], kinds: DRAWN },
  approve: { group: 'go', keys: ['y'], kinds: IMAGES },
  earlierPage: { group: 'go', keys: ['PageUp'], kinds: ['classification'] },
  laterPage: { group: 'go', keys: ['PageDown'], kinds: ['classification'] },
  all: { group: 'go', keys: ['Ctrl+a'], kinds: ['classification'] },
  clear: { group: 'go', keys: ['Delete'], kinds: ['classification'] },
  help: { group: 'go', keys: ['?'], kinds: IMAGES },
  select: { group: 'draw', keys: ['v'], kinds: DRAWN },
  rectangle: { group: 'draw', keys: ['r', 'Ctrl+1'], kinds: BOXED },
  polygon: { group: 'draw', keys: ['p', 'Ctrl+2'], kinds: DRAWN },
  line: { group: 'draw', keys: ['l', 'Ctrl+3'], kinds: BOXED },
  brush: { group: 'draw', keys: ['b'], kinds: ['segmentation'] },
  eraser: { group: 'draw', keys: ['e'], kinds: ['segmentation'] },
  smaller: { group: 'draw', keys: ['['], kinds: ['segmentation'] },
  larger: { group: 'draw', keys: [']'], kinds: ['segmentation'] },
  make: { group: 'draw', keys: ['n'], kinds: DRAWN },
  undo: { group: 'draw', keys: ['Ctrl+z'], kinds: DRAWN },
  redo: { group: 'draw', keys: ['Ctrl+Shift+z', 'Ctrl+y'], kinds: DRAWN },
  cancel: { group: 'draw', keys: ['Escape'], kinds: IMAGES },
  cycle: { group: 'shape', keys: ['Tab'], kinds: DRAWN },
  cycleBack: { group: 'shape', keys: ['Shift+Tab'], kinds: DRAWN },
  remove: { group: 'shape', keys: ['Delete', 'Ctrl+d'], kinds: DRAWN },
  copy: { group: 'shape', keys: ['Ctrl+c'], kinds: DRAWN },
  paste: { group: 'shape', keys: ['Ctrl+v'], kinds: DRAWN },
  toBack: { group: 'shape', keys: ['g', 'Ctrl+4'], kinds: DRAWN },
  scaling: { group: 'shape', keys: ['s'], kinds: DRAWN },
  copyOn: { group: 'track', keys: ['c'], kinds: ['tracking'] },
  interpolate: { group: 'track', keys: ['i'], kinds: ['tracking'] },
  occluded: { group: 'track', keys: ['o'], kinds: ['tracking'] },
  ended: { group: 'track', keys: ['x'], kinds: ['tracking'] },
  fill: { group: 'view', keys: ['f'], kinds: DRAWN },
  zoomIn: { group: 'view', keys: ['+', '='], kinds: DRAWN },
  zoomOut: { group: 'view', keys: ['-'], kinds: DRAWN },
  fit: { group: 'view', keys: ['0'], kinds: DRAWN },
  full: { group: 'view', keys: ['m'], kinds: DRAWN },
} as const satisfies Record<string, Command>

export type CommandName = keyof typeof COMMANDS
export type Bindings = Partial<Record<CommandName, readonly string[]>>

const STORED = 'slipway.label.keys'
const NAMES = Object.keys(COMMANDS) as CommandName[]
const listeners = new Set<() => void>()
let text: string | null = null
let own: Bindings = {}

/** What this person changed; kept in the browser. */
export function ownKeys(): Bindings {
  let found: string | null = null
  try {
    found = localStorage.getItem(STORED)
  } catch {
    // Forbidden: the keys are what they are.
  }
  if (found !== text) {
    text = found
    own = parsed(found)
  }
  return own
}

export function keysOf(name: CommandName, bindings: Bindings): readonly string[] {
  return bindings[name] ?? COMMANDS[name].keys
}

/** Gives a command one key; whatever of the same console had it loses it. */
export function rebind(name: CommandName, key: string): void {
  const next: Bindings = { ...ownKeys() }
  for (const other of NAMES) {
    if (other === name || !together(name, other)) continue
    const keys = keysOf(other, next)
    if (keys.includes(key)) next[other] = keys.filter((one) => one !== key)
  }
  next[name] = [key]
  store(next)
}

export function resetKeys(): void {
  store({})
}

/** Which other command of the same console has a key. */
export function holderOf(key: string, but: CommandName, bindings: Bindings): CommandName | null {
  return (
    NAMES.find(
      (name) => name !== but && together(name, but) && keysOf(name, bindings).includes(key),
    ) ?? null
  )
}

export function useBindings(): Bindings {
  return useSyncExternalStore((heard) => {
    listeners.add(heard)
    return () => void listeners.delete(heard)
  }, ownKeys)
}

/** Runs commands by their keys; see `useKeys`. */
export function useCommands(
  commands: Partial<Record<CommandName, () => void>>,
  more: KeyMap = {},
): void {
  const bindings = useBindings()
  const keys: Record<string, (event: KeyboardEvent) => void> = { ...more }
  for (const name of NAMES) {
    const run = commands[name]
    if (run !== undefined) for (const key of keysOf(name, bindings)) keys[key] = run
  }
  useKeys(keys)
}

/** Keys that a person gave to commands of a console; the numbers of labels give way to them. */
export function useTakenKeys(kind: LabelKind): ReadonlySet<string> {
  const bindings = useBindings()
  return useMemo(() => {
    const here = NAMES.filter((name) => of(name).includes(kind))
    return new Set(here.flatMap((name) => keysOf(name, bindings)))
  }, [bindings, kind])
}

const of = (name: CommandName): readonly LabelKind[] => COMMANDS[name].kinds
const together = (one: CommandName, other: CommandName) =>
  of(one).some((kind) => of(other).includes(kind))

function store(next: Bindings): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(next))
  } catch {
    // Forbidden or full: it holds until the page is left.
    text = null
    own = next
  }
  for (const heard of listeners) heard()
}

function parsed(found: string | null): Bindings {
  try {
    const value: unknown = JSON.parse(found ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    const known = Object.entries(value).filter(
      ([name, keys]) =>
        name in COMMANDS && Array.isArray(keys) && keys.every((key) => typeof key === 'string'),
    )
    return Object.fromEntries(known)
  } catch {
    return {}
  }
}
