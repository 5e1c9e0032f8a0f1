import { Input } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import type { Task } from '../queries'
import { useTakenKeys } from './keymap'
import { useKeys } from './keys'
import { text } from './text'

interface Props {
  task: Task
  active: string | readonly string[] | null
  onChoose: (label: string) => void
  disabled: boolean
}

/** The labels of the task: by click, or by the keys 1 to 9. */
export function LabelPanel({ task, active, onChoose, disabled }: Props) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const { labels } = task
  const shown = labels.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
  const on = (name: string) => (Array.isArray(active) ? active.includes(name) : active === name)
  const taken = useTakenKeys(task.kind)
  const keyed = (at: number) => at < 9 && !taken.has(String(at + 1))
  useKeys(
    Object.fromEntries(
      labels.flatMap(({ name }, at) =>
        keyed(at) ? [[String(at + 1), () => onChoose(name)] as const] : [],
      ),
    ),
    !disabled,
  )
  return (
    <section className="label-labels" aria-label={t('labels')}>
      <h2>{t('labels')}</h2>
      {labels.length > 5 ? (
        <Input.Search
          size="small"
          allowClear
          value={search}
          placeholder={t('labels.search')}
          aria-label={t('labels.search')}
          onChange={(event) => setSearch(event.target.value)}
        />
      ) : null}
      {labels.length === 0 ? <p className="sw-faint">{t('labels.none')}</p> : null}
      <ul>
        {shown.map(({ name, colour }) => {
          const at = labels.findIndex((label) => label.name === name)
          return (
            <li key={name}>
              <button
                type="button"
                disabled={disabled}
                aria-pressed={on(name)}
                onClick={() => onChoose(name)}
              >
                <i style={{ background: colour }} />
                <span>{name}</span>
                {keyed(at) ? <kbd>{at + 1}</kbd> : null}
              </button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
