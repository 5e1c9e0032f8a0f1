import { WarningOutlined } from '@ant-design/icons'
import { Input, Tooltip, type InputRef } from 'antd'
import {
  memo,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type RefObject,
} from 'react'
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
  onPick: (id: number, adds: boolean) => void
  onSelect: (id: number) => void
  onText: (id: number, text: string) => void
  onTyping: (id: number, descriptor: string) => void
  onDescriptor: (id: number, descriptor: string) => void
}

/** Every box as a row: number, role, text, and in professional mode its descriptor. */
export function BoxList(props: Props) {
  const list = useRef<HTMLUListElement>(null)
  const acts = useActs(props, list)
  const { boxes, said, selected, readOnly, professional, structured, focus } = props
  return (
    <Rows {...{ boxes, said, selected, readOnly, professional, structured, focus, acts, list }} />
  )
}

interface RowsProps extends Pick<
  Props,
  'boxes' | 'said' | 'selected' | 'readOnly' | 'professional' | 'structured' | 'focus'
> {
  acts: Acts
  list: RefObject<HTMLUListElement | null>
}

const Rows = memo(function Rows({ boxes, said, selected, focus, list, ...others }: RowsProps) {
  const t = useText(text)
  const last = selected.at(-1)
  useEffect(() => {
    list.current?.querySelector(`[data-id="${last}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [last, list])
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
            focus={focus?.id === idOf(box) ? focus : null}
            {...others}
          />
        ))}
      </ul>
    </section>
  )
})

interface Acts {
  pick: (id: number, adds: boolean) => void
  select: (id: number) => void
  text: (id: number, text: string) => void
  typing: (id: number, descriptor: string) => void
  descriptor: (id: number, descriptor: string) => void
  /** Enter in a field goes on to that of the next box. */
  goOn: (from: HTMLElement, field: string) => void
}

/** The same functions for every row and all the time, so that a row is drawn anew for itself only. */
function useActs(props: Props, list: RefObject<HTMLUListElement | null>): Acts {
  const now = useRef(props)
  useEffect(() => {
    now.current = props
  })
  return useMemo(
    () => ({
      pick: (id, adds) => now.current.onPick(id, adds),
      select: (id) => now.current.onSelect(id),
      text: (id, next) => now.current.onText(id, next),
      typing: (id, next) => now.current.onTyping(id, next),
      descriptor: (id, next) => now.current.onDescriptor(id, next),
      goOn: (from, field) => {
        const found = list.current?.querySelectorAll<HTMLElement>(`[data-field="${field}"]`)
        const fields = [...(found ?? [])]
        const next = fields[fields.indexOf(from) + 1]
        if (next === undefined) from.blur()
        else next.focus()
      },
    }),
    [list],
  )
}

interface RowProps {
  box: OcrBox
  role: BoxRole
  problems: readonly Problem[] | undefined
  selected: boolean
  readOnly: boolean
  professional: boolean
  structured: boolean
  focus: Focus | null
  acts: Acts
}

/** One box. It is drawn anew only when it changes: there may be hundreds. */
const Row = memo(function Row(props: RowProps) {
  const t = useText(text)
  const { box, role, problems = [], professional, structured, readOnly, focus, acts } = props
  const { id, text: own, descriptor, direction } = box.attributes
  const shown = problems.filter(({ blocking }) => blocking || (professional && props.selected))
  const hidden = problems.length > shown.length && professional
  return (
    <li data-id={id} data-selected={props.selected || undefined}>
      <button
        type="button"
        className="ocr-number"
        aria-pressed={props.selected}
        aria-label={t('box', { id })}
        style={{ background: ROLE_COLOURS[role] }}
        onClick={(event) => acts.pick(id, event.shiftKey)}
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
          onFocus={() => acts.select(id)}
          onTyping={null}
          onDone={(next) => acts.text(id, next)}
          onGoOn={acts.goOn}
        />
        {professional ? (
          <Field
            name="descriptor"
            label={t('box.attribute', { id })}
            hint={t('attribute')}
            value={descriptor}
            readOnly={readOnly}
            focus={focus}
            onFocus={() => acts.select(id)}
            onTyping={(next) => acts.typing(id, next)}
            onDone={(next) => acts.descriptor(id, next)}
            onGoOn={acts.goOn}
          />
        ) : null}
        <Problems problems={shown} />
      </div>
      <small className="sw-faint">
        {structured ? t(`role.${role}`) : null}
        {direction === 'vertical' ? <Tooltip title={t('vertical')}>{' ↓'}</Tooltip> : null}
        {hidden ? <Hidden problems={problems} /> : null}
      </small>
    </li>
  )
})

/** Warnings of a box that is not selected: a sign, so that a page of them can be read. */
function Hidden({ problems }: { problems: readonly Problem[] }) {
  const say = useSentence()
  const words = problems.map(({ message }) => say(message)).join(' ')
  return (
    <Tooltip title={words}>
      <WarningOutlined className="ocr-warning" role="img" aria-label={words} />
    </Tooltip>
  )
}

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
  hint?: string
  value: string
  readOnly: boolean
  focus: Focus | null
  onFocus: () => void
  onTyping: ((value: string) => void) | null
  onDone: (value: string) => void
  onGoOn: (from: HTMLElement, field: string) => void
}

/** What is typed becomes a step that can be undone when the field is left, or by a key that needs it. */
function Field(props: FieldProps) {
  const { name, label, hint, value, readOnly, focus, onFocus, onTyping, onDone, onGoOn } = props
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
      placeholder={hint}
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
