import { useState } from 'react'

/** How a person likes to work; kept in the browser. */
export interface Settings {
  mode: 'standard' | 'professional'
  attribute: boolean
  text: boolean
  points: boolean
  ids: boolean
  assist: boolean
  autosave: boolean
  font: string
  size: number
}

export type Toggle = 'attribute' | 'text' | 'points' | 'ids' | 'assist' | 'autosave'

export const FONTS = ['sans-serif', 'serif', 'monospace'] as const

const START: Settings = {
  mode: 'standard',
  attribute: false,
  text: false,
  points: false,
  ids: true,
  assist: false,
  autosave: true,
  font: FONTS[0],
  size: 12,
}
const NAME = 'slipway.label.ocr'

function stored(): Settings {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(NAME) ?? '{}')
    return typeof value === 'object' ? { ...START, ...value } : START
  } catch {
    return START
  }
}

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, setSettings] = useState(stored)
  const change = (next: Partial<Settings>) => {
    const made = { ...settings, ...next }
    setSettings(made)
    try {
      localStorage.setItem(NAME, JSON.stringify(made))
    } catch {
      // Full or forbidden: it holds for this page, then.
    }
  }
  return [settings, change]
}
