import { Button } from 'antd'
import { useState, type KeyboardEvent } from 'react'
import { useText, type KeyOf } from '@/base/text'
import type { LabelKind } from '../queries'
import { keyName } from './keys'
import {
  COMMANDS,
  holderOf,
  keysOf,
  rebind,
  resetKeys,
  useBindings,
  type CommandName,
} from './keymap'
import { shownKey } from './shownKey'
import { text } from './text'

type Words = KeyOf<typeof text>

const GROUPS = ['go', 'draw', 'shape', 'track', 'view'] as const
/** What no command stands for, and so cannot be changed. */
const FIXED: Record<(typeof GROUPS)[number], readonly (readonly [string, Words])[]> = {
  go: [['1 … 9', 'key.label']],
  draw: [['', 'key.finish']],
  shape: [
    ['← → ↑ ↓ · Shift', 'key.move'],
    ['Alt+← → ↑ ↓ · Shift', 'key.size'],
  ],
  track: [],
  view: [['', 'key.pan']],
}
const MODIFIERS = new Set(['Control', 'Shift', 'Alt', 'Meta'])

/** The shortcuts of a console; a click on one and a press of another key change it. */
export function KeyList({ kind }: { kind: LabelKind }) {
  const t = useText(text)
  const bindings = useBindings()
  const [asking, setAsking] = useState<CommandName | null>(null)
  const [taken, setTaken] = useState<string | null>(null)
  const here = (Object.keys(COMMANDS) as CommandName[]).filter((name) =>
    (COMMANDS[name].kinds as readonly LabelKind[]).includes(kind),
  )
  const drawn = kind !== 'classification'
  const press = (event: KeyboardEvent, name: CommandName) => {
    if (asking !== name || MODIFIERS.has(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    setAsking(null)
    if (event.key === 'Escape') return
    const key = keyName(event.nativeEvent)
    const holder = holderOf(key, name, bindings)
    rebind(name, key)
    setTaken(
      holder === null ? null : t('keys.taken', { key: shownKey(key), from: t(`cmd.${holder}`) }),
    )
  }
  return (
    <>
      <div className="label-keys">
        {GROUPS.map((group) => {
          const rows = here.filter((name) => COMMANDS[name].group === group)
          if (rows.length === 0) return null
          return (
            <section key={group}>
              <h3>{t(`keys.${group}`)}</h3>
              <dl>
                {rows.map((name) => (
                  <div key={name}>
                    <dt>
                      <button
                        type="button"
                        data-own={bindings[name] !== undefined || undefined}
                        aria-label={t('keys.change', { name: t(`cmd.${name}`) })}
                        onClick={() => setAsking(name)}
                        onBlur={() => setAsking(null)}
                        onKeyDown={(event) => press(event, name)}
                      >
                        {asking === name ? (
                          <em>{t('keys.press')}</em>
                        ) : (
                          keysOf(name, bindings).map((key) => <kbd key={key}>{shownKey(key)}</kbd>)
                        )}
                        {asking !== name && keysOf(name, bindings).length === 0 ? <em>–</em> : null}
                      </button>
                    </dt>
                    <dd>{t(`cmd.${name}`)}</dd>
                  </div>
                ))}
                {drawn || group === 'go'
                  ? FIXED[group].map(([keys, words]) => (
                      <div key={words}>
                        <dt>{keys === '' ? null : <kbd>{keys}</kbd>}</dt>
                        <dd>{t(words)}</dd>
                      </div>
                    ))
                  : null}
              </dl>
            </section>
          )
        })}
      </div>
      <footer className="label-keys-foot">
        <span className="sw-soft" role="status">
          {taken ?? t('keys.hint')}
        </span>
        {drawn ? <Button onClick={onNumbers}>{t('keys.numbers')}</Button> : null}
        <Button
          disabled={Object.keys(bindings).length === 0}
          onClick={() => {
            resetKeys()
            setTaken(null)
          }}
        >
          {t('keys.reset')}
        </Button>
      </footer>
    </>
  )
}

/** Keys that no browser wants for itself; the first labels lose theirs. */
function onNumbers(): void {
  const tools: readonly CommandName[] = ['rectangle', 'polygon', 'line', 'toBack']
  tools.forEach((name, at) => rebind(name, String(at + 1)))
}
