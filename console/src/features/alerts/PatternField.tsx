import { CheckCircleOutlined } from '@ant-design/icons'
import { Form, Input } from 'antd'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { useRef } from 'react'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { TestResult } from './queries'
import { text } from './text'

interface Props {
  value: string
  fault: TestResult['fault']
  onChange: (value: string) => void
}

/** Pattern mode: the JSON itself, with the place of a mistake, which one click leads to. */
export function PatternField({ value, fault, onChange }: Props) {
  const t = useText(text)
  const say = useSentence()
  const field = useRef<TextAreaRef>(null)
  const show = () => {
    if (fault === null) return
    const area = field.current?.resizableTextArea?.textArea
    const at = offsetOf(value, fault.line, fault.column)
    area?.focus()
    area?.setSelectionRange(at, at + 1)
  }
  return (
    <Form.Item label={t('pattern.label')} htmlFor="rule-pattern" extra={t('pattern.hint')}>
      <Input.TextArea
        id="rule-pattern"
        ref={field}
        className="sw-mono"
        rows={14}
        spellCheck={false}
        status={fault === null ? undefined : 'error'}
        aria-invalid={fault !== null}
        aria-describedby="rule-pattern-state"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id="rule-pattern-state" className="alerts-pattern-state" role="status">
        {fault === null ? (
          <span className="alerts-fine">
            <CheckCircleOutlined aria-hidden /> {t('pattern.fine')}
          </span>
        ) : (
          <button type="button" className="alerts-fault" onClick={show}>
            {t('pattern.fault', { ...fault, message: say(fault.message) })}
          </button>
        )}
      </p>
    </Form.Item>
  )
}

/** Lines and columns count from 1, as the API does. */
export function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1)
  return before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1
}
