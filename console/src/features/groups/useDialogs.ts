import { useState } from 'react'
import type { Group, NewGroup } from './queries'

/** Which group a dialog is about; null where it is closed. */
export function useDialogs() {
  const [editing, edit] = useState<Group | 'new' | null>(null)
  const [resetting, reset] = useState<Group | null>(null)
  const [banning, ban] = useState<Group | null>(null)
  const [made, show] = useState<NewGroup | null>(null)
  return { editing, edit, resetting, reset, banning, ban, made, show }
}

export type DialogState = ReturnType<typeof useDialogs>
