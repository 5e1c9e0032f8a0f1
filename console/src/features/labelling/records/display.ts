import { useState } from 'react'
import type { Display } from './RecordForm'

const NAME = 'slipway.label.display'
const USUAL: Display = { markdown: false, fontSize: 14 }

/** Font size and Markdown, remembered in this browser. */
export function useDisplay(): [Display, (display: Display) => void] {
  const [display, setDisplay] = useState<Display>(read)
  return [
    display,
    (next) => {
      setDisplay(next)
      try {
        localStorage.setItem(NAME, JSON.stringify(next))
      } catch {
        // Not remembered, then.
      }
    },
  ]
}

function read(): Display {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Display>) }
  } catch {
    return USUAL
  }
}
