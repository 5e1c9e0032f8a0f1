import { Button, Input, InputNumber, Select, Slider, Tooltip } from 'antd'
import { CloseOutlined } from '@ant-design/icons'
import { useText, type KeyOf } from '@/base/text'
import { text } from './text'
import type { Parameters, Rule } from './types'

interface Props {
  rules: readonly Rule[]
  value: Parameters
  onChange: (parameters: Parameters) => void
}

/** One field a parameter, with the model's own range; what is empty is left to the model. */
export function ParameterFields({ rules, value, onChange }: Props) {
  const set = (name: string, next: number | string | null) => {
    const others = Object.entries(value).filter(([key]) => key !== name)
    const set = next === null || next === '' ? [] : [[name, next] as const]
    onChange(Object.fromEntries([...others, ...set]))
  }
  return (
    <>
      {rules.map((rule) => (
        <Field
          key={rule.name}
          rule={rule}
          value={value[rule.name] ?? null}
          onChange={(next) => set(rule.name, next)}
        />
      ))}
    </>
  )
}

interface FieldProps {
  rule: Rule
  value: number | string | null
  onChange: (value: number | string | null) => void
}

type Words = KeyOf<typeof text>

/** What a parameter is called; one that nobody has described goes by its own name. */
export function useParameterName(): (name: string) => { label: string; hint: string | null } {
  const t = useText(text)
  return (name) =>
    KNOWN.has(name)
      ? { label: t(`p.${name}` as Words), hint: t(`p.${name}.hint` as Words) }
      : { label: name, hint: null }
}

const KNOWN = new Set([
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'top_k',
  'max_tokens',
  'seed',
  'stop',
  'style',
  'size',
  'n',
  'num_inference_steps',
  'negative_prompt',
])

function Field({ rule, value, onChange }: FieldProps) {
  const t = useText(text)
  const { label, hint } = useParameterName()(rule.name)
  const id = `parameter-${rule.name}`
  const control = { id, label, rule, value, onChange }
  const isNumber = rule.kind === 'number' || rule.kind === 'integer'
  return (
    <div className="playground-field">
      <div className="playground-field-head">
        <Tooltip title={hint} placement="right">
          <label htmlFor={id}>{label}</label>
        </Tooltip>
        {value === null ? null : (
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined aria-hidden />}
            aria-label={t('unset', { name: label })}
            onClick={() => onChange(null)}
          />
        )}
        {isNumber ? <NumberBox {...control} /> : null}
      </div>
      {isNumber ? <NumberSlider {...control} /> : <Control {...control} />}
    </div>
  )
}

/** A slider is for what can be set by feel; a seed or a large count is typed. */
const MOST_STEPS = 10_000

type ControlProps = FieldProps & { id: string; label: string }

function NumberBox({ id, label, rule, value, onChange }: ControlProps) {
  const t = useText(text)
  return (
    <InputNumber<number>
      id={id}
      size="small"
      aria-label={label}
      min={rule.minimum ?? undefined}
      max={rule.maximum ?? undefined}
      step={rule.step ?? undefined}
      precision={rule.kind === 'integer' ? 0 : undefined}
      value={value === null ? null : Number(value)}
      placeholder={rule.default === null ? t('modelsOwn') : String(rule.default)}
      onChange={onChange}
    />
  )
}

function NumberSlider({ label, rule, value, onChange }: ControlProps) {
  const { minimum, maximum, step } = rule
  if (minimum === null || maximum === null || (maximum - minimum) / (step ?? 1) > MOST_STEPS) {
    return null
  }
  const rest = typeof rule.default === 'number' ? rule.default : (minimum + maximum) / 2
  return (
    <Slider
      min={minimum}
      max={maximum}
      step={step ?? undefined}
      value={value === null ? rest : Number(value)}
      className={value === null ? 'playground-unset' : undefined}
      onChange={onChange}
      ariaLabelForHandle={label}
      tooltip={{ open: false }}
    />
  )
}

function Control({ id, label, rule, value, onChange }: ControlProps) {
  if (rule.kind === 'text') {
    return (
      <Input
        id={id}
        maxLength={rule.maximum ?? undefined}
        value={value === null ? '' : String(value)}
        onChange={(event) => onChange(event.target.value)}
      />
    )
  }
  return (
    <Select<string>
      id={id}
      aria-label={label}
      value={String(value ?? rule.default ?? '')}
      onChange={onChange}
      options={rule.choices.map((one) => ({ value: one, label: one }))}
    />
  )
}
