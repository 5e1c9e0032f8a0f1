import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber, Switch } from 'antd'
import { useDeferredValue } from 'react'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { taskPlan } from '../queries'
import { TasksPicker } from './TasksPicker'
import { formText } from './text'
import { EMPTY, toForm, type Values } from './values'

/** What the platform does when something goes wrong, and how long a task may take. */
export function RunFields() {
  const f = useText(formText)
  const blocked = useBlocked()
  return (
    <fieldset className="training-run" aria-label={f('run')}>
      <legend>{f('run')}</legend>
      <div className="training-switches">
        <Optional name="health_check_s" start={300} min={10} max={3600} blocked={blocked} />
        <Form.Item<Values>
          name="max_restarts"
          label={f('maxRestarts')}
          extra={f('maxRestartsHint')}
        >
          <InputNumber min={0} max={10} precision={0} />
        </Form.Item>
        <Form.Item<Values>
          name="max_reschedules"
          label={f('max_reschedules')}
          extra={f('max_reschedules.hint')}
        >
          <Reschedules />
        </Form.Item>
        <Form.Item<Values> name="grace_s" label={f('grace_s')} extra={f('grace_s.hint')}>
          <InputNumber min={0} max={3600} suffix={f('s')} />
        </Form.Item>
        <Optional name="hang_s" start={1800} min={10} max={604_800} />
        <Optional name="max_run_s" start={86_400} min={1} max={31_536_000} />
        <Optional name="max_queue_s" start={86_400} min={1} max={31_536_000} />
      </div>
      <Form.Item<Values> name="after" label={f('after')} extra={f('after.hint')}>
        <TasksPicker />
      </Form.Item>
    </fieldset>
  )
}

/** Why the health check cannot be had for what is asked for, from the platform itself. */
function useBlocked(): string | null {
  const say = useSentence()
  const form = Form.useFormInstance<Values>()
  const values = Form.useWatch((all: Partial<Values>) => all, { form, preserve: true }) as
    Partial<Values> | undefined
  const body = useDeferredValue(toForm({ ...EMPTY, ...values, health_check_s: null }))
  const { data } = useQuery({ ...taskPlan(body), placeholderData: (before) => before })
  const blocked = data?.blocked.health_check ?? null
  return blocked === null ? null : say(blocked)
}

interface OptionalProps {
  name: 'health_check_s' | 'hang_s' | 'max_run_s' | 'max_queue_s'
  start: number
  min: number
  max: number
  blocked?: string | null
}

function Optional({ name, blocked = null, ...limits }: OptionalProps) {
  const f = useText(formText)
  return (
    <Form.Item<Values> name={name} label={f(name)} extra={blocked ?? f(`${name}.hint`)}>
      <OptionalSeconds words={f(name)} blocked={blocked} {...limits} />
    </Form.Item>
  )
}

interface SecondsProps {
  id?: string
  value?: number | null
  onChange?: (seconds: number | null) => void
  words: string
  start: number
  min: number
  max: number
  blocked: string | null
}

/** Off, or so many seconds. What is on may always be turned off. */
function OptionalSeconds(props: SecondsProps) {
  const { id, value = null, onChange, words, start, min, max, blocked } = props
  const f = useText(formText)
  return (
    <span className="training-optional">
      <Switch
        id={id}
        aria-label={words}
        title={blocked ?? undefined}
        disabled={blocked !== null && value === null}
        checked={value !== null}
        onChange={(on) => onChange?.(on ? start : null)}
      />
      {value === null ? null : (
        <InputNumber
          aria-label={f('secondsOf', { what: words })}
          min={min}
          max={max}
          suffix={f('s')}
          value={value}
          onChange={(seconds) => onChange?.(seconds ?? start)}
        />
      )}
    </span>
  )
}

const USUAL_MOVES = 3

function Reschedules({
  id,
  value = 0,
  onChange,
}: {
  id?: string
  value?: number
  onChange?: (moves: number) => void
}) {
  const f = useText(formText)
  return (
    <span className="training-optional">
      <Switch
        id={id}
        aria-label={f('max_reschedules')}
        checked={value > 0}
        onChange={(on) => onChange?.(on ? USUAL_MOVES : 0)}
      />
      {value === 0 ? null : (
        <InputNumber
          aria-label={f('max_reschedules.most')}
          min={1}
          max={10}
          precision={0}
          value={value}
          onChange={(moves) => onChange?.(moves ?? USUAL_MOVES)}
        />
      )}
    </span>
  )
}
