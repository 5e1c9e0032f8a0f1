import { Input, Tooltip, type InputRef } from 'antd'
import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { idOf, type OcrBox } from './boxes'
import { ROLE_COLOURS } from './colours'
import { text } from './text'
import type { BoxRole, Problem, Said } from './useMeaning'

/** A wish to type: into the text or the attribute of a box. `at` makes a repeated wish a new one. */
export interface Focus {
  id: number
  field: 'text' | 'descriptor'
  at: number
}

interface Props {
  boxes: readonly OcrBox[]
  said: Said
  selected: readonly number[]
  readOnly: boolean
  professional: boolean
  structured: boolean
  focus: Focus | null
  onSelect: (id: number, adds: boolean) => void
  onText: (id: number, text: string) => void
  onTyping: (id: number, descriptor: string) => void
  onDescriptor: (id: number, descriptor: string) => void
}

/** Every box as a row: number, role, text, and in professional mode its descriptor. */
export function BoxList(props: Props) {
  const t = useText(text)
  const { boxes, said, selected, focus } = props
  const list = useRef<HTMLUListElement>(null)
  const last = selected.at(-1)
  useEffect(() => {
    list.current?.querySelector(`[data-id="${last}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [last])
  /** Enter in a text goes on to the next one. */
  const goOn = (from: HTMLElement, field: string) => {
    const fields = [
      ...(list.current?.querySelectorAll<HTMLElement>(`[data-field="${field}"]`) ?? []),
    ]
    const next = fields[fields.indexOf(from) + 1]
    if (next === undefined) from.blur()
    else next.focus()
  }
  return (
    <section className="ocr-boxes" aria-label={t('boxes')}>
      <h2>{t('boxes.count', { count: boxes.length })}</h2>
      {boxes.length === 0 ? <p className="sw-faint">{t('boxes.none')}</p> : null}
      <ul ref={list}>
        {boxes.map((box) => (
          <Row
            key={idOf(box)}
            box={box}
            role={said.roles.get(idOf(box)) ?? 'text'}
            problems={said.problems.get(idOf(box))}
            selected={selected.includes(idOf(box))}
            readOnly={props.readOnly}
            professional={props.professional}
            structured={props.structured}
            focus={focus?.id === idOf(box) ? focus : null}
            onSelect={props.onSelect}
            onText={props.onText}
            onTyping={props.onTyping}
            onDescriptor={props.onDescriptor}
            onGoOn={goOn}
          />
        ))}
      </ul>
    </section>
  )
}

interface RowProps extends Omit<Props, 'boxes' | 'said' | 'selected'> {
  box: OcrBox
  role: BoxRole
  problems: readonly Problem[] | undefined
  selected: boolean
  onGoOn: (from: HTMLElement, field: string) => void
}

const Row = memo(
  function Row(props: RowProps) {
    const t = useText(text)
    const { box, role, problems, professional, structured, readOnly, focus } = props
    const { id, text: own, descriptor, direction } = box.attributes
    return (
      <li data-id={id} data-selected={props.selected || undefined}>
        <button
          type="button"
          className="ocr-number"
          aria-pressed={props.selected}
          aria-label={t('box', { id })}
          style={{ background: ROLE_COLOURS[role] }}
          onClick={(event) => props.onSelect(id, event.shiftKey)}
        >
          {id}
        </button>
        <div className="ocr-fields">
          <Field
            name="text"
            label={t('box.text', { id })}
            value={own}
            readOnly={readOnly}
            focus={focus}
            onFocus={() => props.onSelect(id, false)}
            onTyping={null}
            onDone={(next) => props.onText(id, next)}
            onGoOn={props.onGoOn}
          />
          {professional ? (
            <Field
              name="descriptor"
              label={t('box.attribute', { id })}
              value={descriptor}
              readOnly={readOnly}
              focus={focus}
              onFocus={() => props.onSelect(id, false)}
              onTyping={(next) => props.onTyping(id, next)}
              onDone={(next) => props.onDescriptor(id, next)}
              onGoOn={props.onGoOn}
            />
          ) : null}
          {professional || problems?.some(({ blocking }) => blocking) ? (
            <Problems problems={problems ?? []} />
          ) : null}
        </div>
        <small className="sw-faint">
          {structured ? t(`role.${role}`) : null}
          {direction === 'vertical' ? <Tooltip title={t('vertical')}>{' ↓'}</Tooltip> : null}
        </small>
      </li>
    )
  },
  // The functions are made anew with each key; what they do is the same.
  (before, after) =>
    before.box === after.box &&
    before.role === after.role &&
    before.problems === after.problems &&
    before.selected === after.selected &&
    before.readOnly === after.readOnly &&
    before.professional === after.professional &&
    before.structured === after.structured &&
    before.focus === after.focus,
)

function Problems({ problems }: { problems: readonly Problem[] }) {
  const t = useText(text)
  const say = useSentence()
  return problems.map(({ message, column, blocking }) => (
    <p
      key={`${column} ${message}`}
      className="ocr-problem"
      data-blocking={blocking || undefined}
      role={blocking ? 'alert' : undefined}
    >
      {blocking ? `${t('column', { column })} ` : ''}
      {say(message)}
    </p>
  ))
}

interface FieldProps {
  name: Focus['field']
  label: string
  value: string
  readOnly: boolean
  focus: Focus | null
  onFocus: () => void
  onTyping: ((value: string) => void) | null
  onDone: (value: string) => void
  onGoOn: (from: HTMLElement, field: string) => void
}

/** What is typed becomes a step that can be undone when the field is left, or by a key that needs it. */
function Field({
  name,
  label,
  value,
  readOnly,
  focus,
  onFocus,
  onTyping,
  onDone,
  onGoOn,
}: FieldProps) {
  const [draft, setDraft] = useState<string | null>(null)
  const input = useRef<InputRef>(null)
  useEffect(() => {
    if (focus?.field === name) input.current?.focus({ cursor: 'end' })
  }, [focus, name])
  const finish = () => {
    if (draft !== null && draft !== value) onDone(draft)
    setDraft(null)
  }
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') {
      setDraft(null)
      onTyping?.(value)
      event.currentTarget.blur()
    } else if (event.ctrlKey || event.metaKey || /^F\d/.test(event.key)) {
      if (event.key !== 'Control' && event.key !== 'Meta') finish()
    } else if (event.key === 'Enter') {
      finish()
      onGoOn(event.currentTarget, name)
    }
  }
  return (
    <Input
      ref={input}
      size="small"
      data-field={name}
      className={name === 'descriptor' ? 'ocr-descriptor' : undefined}
      aria-label={label}
      placeholder={name === 'descriptor' ? 'k3,5' : undefined}
      autoComplete="off"
      spellCheck={false}
      readOnly={readOnly}
      value={draft ?? value}
      onFocus={onFocus}
      onChange={(event) => {
        setDraft(event.target.value)
        onTyping?.(event.target.value)
      }}
      onKeyDown={press}
      onBlur={finish}
    />
  )
}
