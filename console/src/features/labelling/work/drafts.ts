import type { LabelRecord } from '../queries'

/** Labels that the server does not have yet. They outlive the page, the browser and the network. */
interface Draft {
  revision: number
  value: LabelRecord['value']
}

const name = (task: string, index: number) => `slipway.label.${task}.${index}`

export function keepDraft(task: string, index: number, draft: Draft): void {
  try {
    localStorage.setItem(name(task, index), JSON.stringify(draft))
  } catch {
    // Full or forbidden: the save that follows in a moment is what counts.
  }
}

export function readDraft(task: string, index: number): Draft | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(name(task, index)) ?? 'null')
    return isDraft(value) ? value : null
  } catch {
    return null
  }
}

export function clearDraft(task: string, index: number): void {
  try {
    localStorage.removeItem(name(task, index))
  } catch {
    // As above.
  }
}

function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && 'revision' in value && 'value' in value
}
