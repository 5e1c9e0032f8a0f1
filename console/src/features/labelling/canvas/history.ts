/** Steps that can be undone and redone; the newest hundred. */
export interface History<State> {
  past: readonly State[]
  now: State
  future: readonly State[]
}

const STEPS = 100

export function begin<State>(now: State): History<State> {
  return { past: [], now, future: [] }
}

export function step<State>(history: History<State>, now: State): History<State> {
  return { past: [...history.past, history.now].slice(-STEPS), now, future: [] }
}

export function undone<State>(history: History<State>): History<State> {
  const now = history.past.at(-1)
  if (now === undefined) return history
  return { past: history.past.slice(0, -1), now, future: [history.now, ...history.future] }
}

export function redone<State>(history: History<State>): History<State> {
  const [now, ...future] = history.future
  if (now === undefined) return history
  return { past: [...history.past, history.now], now, future }
}
