import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { useEffect, useRef } from 'react'
import { useText } from '@/base/text'
import { ShellConnection, type Said } from './connection'
import { text } from './text'

interface Props {
  path: string
  onSaid: (said: Said) => void
  onGone: () => void
}

const BACKGROUND = '#101418'

/** The terminal and its connection; both live as long as this is mounted. */
export default function Screen({ path, onSaid, onGone }: Props) {
  const t = useText(text)
  const box = useRef<HTMLDivElement>(null)
  const heard = useRef({ onSaid, onGone })
  useEffect(() => {
    heard.current = { onSaid, onGone }
  })
  const label = t('terminal')
  useEffect(() => {
    if (box.current === null) return
    const terminal = newTerminal()
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.open(box.current)
    terminal.textarea?.setAttribute('aria-label', label)
    fit.fit()
    const size = () => ({ columns: terminal.cols, rows: terminal.rows })
    const connection = new ShellConnection(path, size(), {
      onOutput: (data) => terminal.write(data),
      onSaid: (said) => heard.current.onSaid(said),
      onGone: () => heard.current.onGone(),
    })
    terminal.onData((words) => connection.type(words))
    terminal.onResize(() => connection.resize(size()))
    const observer = new ResizeObserver(() => fit.fit())
    observer.observe(box.current)
    terminal.focus()
    return () => {
      observer.disconnect()
      connection.close()
      terminal.dispose()
    }
  }, [path, label])
  return <div ref={box} className="webshell-screen" />
}

function newTerminal(): Terminal {
  const terminal = new Terminal({
    cursorBlink: true,
    fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
    fontSize: 13,
    scrollback: 10_000,
    theme: { background: BACKGROUND },
  })
  terminal.attachCustomKeyEventHandler((event) => !isClipboard(event, terminal))
  return terminal
}

/** The browser copies what is marked and pastes; without a mark Ctrl+C interrupts as ever. */
function isClipboard(event: KeyboardEvent, terminal: Terminal): boolean {
  if (!event.ctrlKey || event.altKey || event.metaKey) return false
  const key = event.key.toLowerCase()
  return key === 'v' || (key === 'c' && terminal.hasSelection())
}
