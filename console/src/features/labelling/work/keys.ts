import { useEffect, useRef } from 'react'

export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** `Ctrl+Shift+z`, `a`, `Delete`: Ctrl is also the Mac's Command. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const parts = [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key)) ? 'Shift' : '',
    key,
  ]
  return parts.filter(Boolean).join('+')
}

const TYPING =
  'input:not([type=radio]):not([type=checkbox]), textarea, [contenteditable=true], select'

/** Whether what is typed belongs to a field. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null
}

/**
 * Keys of a console, also those that the browser would take for itself. While something is typed only
 * those with Ctrl or Alt, or F1 and so on, count, and copying, pasting and undoing belong to the field.
 */
export function useKeys(keys: KeyMap, enabled = true): void {
  const now = useRef(keys)
  useEffect(() => {
    now.current = keys
  })
  useEffect(() => {
    if (!enabled) return
    const press = (event: KeyboardEvent) => {
      const name = keyName(event)
      const act = now.current[name]
      if (act === undefined || event.isComposing || inDialog(event.target)) return
      if (isTyping(event.target) && (!/^(Ctrl|Alt)\+|^F\d/.test(name) || FIELD_KEYS.has(name)))
        return
      if (name === 'Enter' && isPressed(event.target)) return
      event.preventDefault()
      act(event)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [enabled])
}

const FIELD_KEYS = new Set([
  'Ctrl+z',
  'Ctrl+y',
  'Ctrl+Shift+z',
  'Ctrl+c',
  'Ctrl+v',
  'Ctrl+x',
  'Ctrl+a',
])

function inDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=dialog], .ant-popover') !== null
}

/** Enter on a button or link presses it. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a') !== null
}

/** After a choice the keys belong to the console again, not to the field. */
export function letGo(): void {
  // The field takes the focus back while it closes.
  setTimeout(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  })
}
