import { Button, Input } from 'antd'
import { useId } from 'react'
import { useText } from '@/base/text'
import { ParameterFields } from './ParameterFields'
import { text } from './text'
import type { Parameters, Rule } from './types'

interface Props {
  rules: readonly Rule[]
  persona: string
  parameters: Parameters
  onPersona: (persona: string) => void
  onParameters: (parameters: Parameters) => void
}

/** How the models shall answer: the same for all that are asked at once. */
export function BenchPanel({ rules, persona, parameters, onPersona, onParameters }: Props) {
  const t = useText(text)
  const id = useId()
  const set = Object.keys(parameters).length > 0
  return (
    <>
      <div className="playground-field">
        <div className="playground-field-head">
          <label htmlFor={id}>{t('persona')}</label>
        </div>
        <Input.TextArea
          id={id}
          autoSize={{ minRows: 3, maxRows: 10 }}
          value={persona}
          placeholder={t('persona.hint')}
          onChange={(event) => onPersona(event.target.value)}
        />
      </div>
      <div className="playground-panel-head">
        <h2>{t('parameters')}</h2>
        <Button size="small" type="text" disabled={!set} onClick={() => onParameters({})}>
          {t('reset')}
        </Button>
      </div>
      <ParameterFields rules={rules} value={parameters} onChange={onParameters} />
    </>
  )
}
