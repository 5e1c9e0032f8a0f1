import { Alert, Button, Input } from 'antd'
import { useRef } from 'react'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { SchemaCheck } from '../queries'
import './schema.css'
import { text } from './text'

interface Props {
  id?: string
  value: string
  onChange?: (value: string) => void
  /** What the platform says about it. */
  found: SchemaCheck | undefined
  rows?: number
}

/** The schema as text with numbered lines, and the place of a mistake. */
export function YamlEditor({ id, value, onChange, found, rows = 24 }: Props) {
  const t = useText(text)
  const say = useSentence()
  const area = useRef<TextAreaRef>(null)
  const numbers = useRef<HTMLPreElement>(null)
  const count = Math.max(value.split('\n').length, 1)
  const goTo = (line: number, column: number) => {
    const element = area.current?.resizableTextArea?.textArea
    if (element === undefined || line === 0) return
    const before = value.split('\n').slice(0, line - 1)
    const at = before.reduce((sum, row) => sum + row.length + 1, 0) + column - 1
    element.focus()
    element.setSelectionRange(at, at)
  }
  const wrong = found?.message ? found : null
  return (
    <div className="schema-editor">
      {wrong ? (
        <Alert
          type="error"
          role="alert"
          title={wrong.line > 0 ? t('place', { line: wrong.line, column: wrong.column }) : null}
          description={say(wrong.message ?? '')}
          action={
            wrong.line > 0 ? (
              <Button size="small" onClick={() => goTo(wrong.line, wrong.column)}>
                {t('goTo')}
              </Button>
            ) : null
          }
        />
      ) : null}
      <div className="schema-code">
        <pre ref={numbers} aria-hidden>
          {Array.from({ length: count }, (_, at) => (
            <span key={at} data-wrong={wrong?.line === at + 1 || undefined}>
              {at + 1}
              {'\n'}
            </span>
          ))}
        </pre>
        <Input.TextArea
          id={id}
          ref={area}
          rows={rows}
          wrap="off"
          spellCheck={false}
          aria-label={t('yaml')}
          value={value}
          status={wrong ? 'error' : undefined}
          onScroll={(event) => {
            if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop
          }}
          onChange={(event) => onChange?.(event.target.value)}
        />
      </div>
    </div>
  )
}
