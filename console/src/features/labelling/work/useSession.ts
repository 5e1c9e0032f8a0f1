import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { Problem } from '@/base/problem'
import {
  closeRecord,
  openNext,
  openRecord,
  reviewRecord,
  saveRecord,
  type LabelRecord,
  type Task,
} from '../queries'
import { clearDraft, keepDraft, readDraft } from './drafts'
import { useActiveTime } from './activeTime'

export type Value = LabelRecord['value']

interface State {
  record: LabelRecord | null
  value: Value
  dirty: boolean
  saving: boolean
  /** Nothing waits for this person any more. */
  finished: boolean
  problem: Problem | null
  /** Somebody else saved the record meanwhile: their labels and revision. */
  conflict: { revision: number } | null
  restored: boolean
}

const START: State = {
  record: null,
  value: {},
  dirty: false,
  saving: false,
  finished: false,
  problem: null,
  conflict: null,
  restored: false,
}

type Change = Partial<State> | ((state: State) => Partial<State>)
const merge = (state: State, change: Change): State => ({
  ...state,
  ...(typeof change === 'function' ? change(state) : change),
})

const AUTOSAVE_MS = 800
/** Well within the ten minutes that a lock lasts. */
const KEEP_OPEN_MS = 4 * 60_000

export interface Session extends State {
  readOnly: boolean
  setValue: (value: Value) => void
  /** Whether it saves by itself; if not, what is not saved waits in the browser. */
  setAutosave: (on: boolean) => void
  go: (index: number) => Promise<boolean>
  /** The next record that waits, after this one. */
  goNext: () => Promise<boolean>
  save: () => Promise<boolean>
  submit: () => Promise<boolean>
  mark: (state: LabelRecord['state']) => Promise<boolean>
  review: (approve: boolean, comment: string) => Promise<boolean>
  takeTheirs: () => Promise<void>
  keepMine: () => Promise<void>
}

/**
 * One person's work on the records of a task: opens them (and so locks them), saves by itself, and keeps
 * what is not saved yet in the browser, so that neither a crash nor a lost network costs a label.
 */
export function useSession(task: Task, me: string, reviewing: boolean): Session {
  const [state, change] = useReducer(merge, START)
  const latest = useRef(state)
  const client = useQueryClient()
  const time = useActiveTime()
  const writing = useRef<Promise<boolean>>(Promise.resolve(true))
  const [autosave, setAutosave] = useState(true)
  useEffect(() => {
    latest.current = state
  })
  const set = useCallback((next: Change) => {
    latest.current = merge(latest.current, next)
    change(next)
  }, [])

  const show = useCallback(
    (record: LabelRecord) => {
      const draft = readDraft(task.id, record.index)
      const restored =
        draft !== null && JSON.stringify(draft.value) !== JSON.stringify(record.value)
      set({
        record: restored ? { ...record, revision: draft.revision } : record,
        value: restored ? draft.value : record.value,
        dirty: restored,
        finished: false,
        problem: null,
        conflict: null,
        restored,
      })
      time.restart()
    },
    [set, task.id, time],
  )

  /** One write after the other: each needs the revision that the one before made. */
  const write = useCallback(
    (body: { state?: LabelRecord['state']; release?: boolean; withValue: boolean }) => {
      const run = async (): Promise<boolean> => {
        const { record, value } = latest.current
        if (record === null) return false
        set({ saving: true })
        try {
          const saved = await saveRecord(task.id, record.index, {
            revision: record.revision,
            value: body.withValue ? value : null,
            state: body.state ?? 'labelled',
            time_s: time.take(),
            release: body.release ?? false,
          })
          const unchanged = latest.current.value === value
          if (unchanged) clearDraft(task.id, record.index)
          set({ record: saved, dirty: !unchanged, saving: false, problem: null, restored: false })
          refresh(client)
          return true
        } catch (error) {
          set({ saving: false, ...afterFailure(error) })
          return false
        }
      }
      writing.current = writing.current.then(run, run)
      return writing.current
    },
    [client, set, task.id, time],
  )

  const flush = useCallback(async () => {
    await writing.current
    return latest.current.dirty && latest.current.conflict === null
      ? write({ withValue: true })
      : true
  }, [write])

  const open = useCallback(
    async (load: () => Promise<LabelRecord | null>) => {
      const before = latest.current.record
      if (autosave && !(await flush())) return false
      try {
        const record = await load()
        if (before !== null && before.index !== record?.index) {
          void closeRecord(task.id, before.index).catch(() => undefined)
        }
        if (record === null) set({ finished: true })
        else show(record)
        return true
      } catch (error) {
        set({ problem: asProblem(error) })
        return false
      }
    },
    [autosave, flush, set, show, task.id],
  )

  const go = useCallback((index: number) => open(() => openRecord(task.id, index)), [open, task.id])
  const goNext = useCallback(
    () =>
      open(async () => {
        const after = latest.current.record?.index ?? -1
        return (await openNext(task.id, after, reviewing)).record
      }),
    [open, reviewing, task.id],
  )

  useAutosave(state, flush, autosave)
  useKeptOpen(task.id, state.record?.index)
  useLeaving(task.id, latest, autosave ? flush : keep)

  const readOnly =
    state.record === null || (state.record.lock !== null && state.record.lock.user_id !== me)
  return {
    ...state,
    readOnly,
    setAutosave,
    setValue: (value) => {
      const { record } = latest.current
      if (record === null || readOnly) return
      keepDraft(task.id, record.index, { revision: record.revision, value })
      // What was refused may be right by now, and is tried again without a pause.
      const refused = latest.current.problem?.status === 400
      set({ value, dirty: true, ...(refused ? { problem: null } : {}) })
    },
    go,
    goNext,
    save: flush,
    submit: async () => {
      if (!readOnly && !(await write({ withValue: true }))) return false
      return goNext()
    },
    mark: (wanted) => write({ withValue: latest.current.dirty, state: wanted }),
    review: async (approve, comment) => {
      if (!(await flush())) return false
      const { record } = latest.current
      if (record === null) return false
      try {
        const seen = await reviewRecord(task.id, record.index, {
          approve,
          comment,
          revision: record.revision,
        })
        set({ record: seen })
        refresh(client)
        return await goNext()
      } catch (error) {
        set(afterFailure(error))
        return false
      }
    },
    takeTheirs: async () => {
      const { record } = latest.current
      if (record === null) return
      clearDraft(task.id, record.index)
      set({ dirty: false, conflict: null })
      await go(record.index)
    },
    keepMine: async () => {
      const { record, conflict } = latest.current
      if (record === null || conflict === null) return
      set({ record: { ...record, revision: conflict.revision }, conflict: null })
      await write({ withValue: true })
    },
  }
}

/** Without saving: what is not saved is in the browser already. */
const keep = () => Promise.resolve(true)

function useAutosave(state: State, flush: () => Promise<boolean>, on: boolean): void {
  const { dirty, value, conflict, saving, problem } = state
  useEffect(() => {
    if (!on || !dirty || conflict !== null || saving) return
    // What failed is tried again, but not at once and for ever.
    const timer = setTimeout(() => void flush(), problem === null ? AUTOSAVE_MS : 10_000)
    return () => clearTimeout(timer)
  }, [dirty, value, conflict, saving, problem, flush, on])
}

function useKeptOpen(taskId: string, index: number | undefined): void {
  useEffect(() => {
    if (index === undefined) return
    const timer = setInterval(() => {
      if (!document.hidden) void openRecord(taskId, index).catch(() => undefined)
    }, KEEP_OPEN_MS)
    return () => clearInterval(timer)
  }, [taskId, index])
}

/** Leaving the page saves what is not saved yet and lets the record go. */
function useLeaving(
  taskId: string,
  latest: { current: State },
  flush: () => Promise<boolean>,
): void {
  useEffect(
    () => () => {
      const { record } = latest.current
      if (record === null) return
      void flush()
        .then(() => closeRecord(taskId, record.index))
        .catch(() => undefined)
    },
    [taskId, latest, flush],
  )
}

/** Lists of records, and how far the task is. */
function refresh(client: QueryClient): void {
  for (const kind of ['label-record', 'label-task']) {
    void client.invalidateQueries({ queryKey: [kind] })
  }
}

function afterFailure(error: unknown): Partial<State> {
  const problem = asProblem(error)
  if (problem.code === 'record_changed') {
    return { conflict: { revision: Number(problem.details.revision) }, problem: null }
  }
  return { problem }
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'unknown', String(error))
}
