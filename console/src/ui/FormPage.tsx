import { Alert, Button, Form, Steps, type FormInstance } from 'antd'
import { useState, type ReactNode } from 'react'
import { fieldProblems, problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { Facts, type Fact } from './Facts'
import { Page, Panel } from './Page'
import { text } from './text'
import { whenSlow } from './busy'

/** `resources.cpu` is the field `['resources', 'cpu']`, in the form as in the API's errors. */
export type FieldPath = (string | number)[]

export interface FormStep<Values> {
  key: string
  title: string
  description?: string
  /** Names of its fields, dotted: checked before the next step, and where API errors belong. */
  fields: readonly string[]
  render: (form: FormInstance<Values>) => ReactNode
}

interface Props<Values> {
  title: string
  description?: ReactNode
  back: { to: string; label: string }
  steps: readonly FormStep<Values>[]
  initialValues: Partial<Values>
  submitLabel: string
  /** Creates or saves, and goes to the result. What it throws is shown at the fields it names. */
  onSubmit: (values: Values) => Promise<unknown>
  /** What was chosen so far, at the side. */
  summary?: (values: Partial<Values>) => readonly Fact[]
}

export function FormPage<Values extends object>(props: Props<Values>) {
  const { title, description, back, steps, initialValues, submitLabel, onSubmit, summary } = props
  const t = useText(text)
  const [form] = Form.useForm<Values>()
  const [at, setAt] = useState(0)
  const [problem, setProblem] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const last = at === steps.length - 1

  const next = async () => {
    if (await isValid(form, steps[at])) setAt(at + 1)
  }
  const submit = async () => {
    if (busy) return
    const wrong = await firstInvalid(form, steps)
    if (wrong !== -1) {
      setAt(wrong)
      return
    }
    setBusy(true)
    setProblem(null)
    try {
      await onSubmit(form.getFieldsValue(true) as Values)
    } catch (error) {
      setProblem(error)
      setAt(showFieldProblems(form, steps, error) ?? at)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page title={title} description={description} back={back}>
      <div className="sw-form">
        <div className="sw-form-main">
          {steps.length > 1 ? (
            <Steps
              size="small"
              current={at}
              items={steps.map((step) => ({ title: step.title }))}
              onChange={(target) => (target < at ? setAt(target) : void next())}
            />
          ) : null}
          <Panel>
            <Form<Values>
              form={form}
              layout="vertical"
              initialValues={initialValues}
              requiredMark={(label, { required }) => (
                <FieldLabel label={label} required={required} />
              )}
              // The form's own submit would check the fields of all steps, also of those to come.
              onSubmitCapture={(event) => {
                event.preventDefault()
                event.stopPropagation()
                void (last ? submit() : next())
              }}
            >
              {problem === null ? null : <FormProblem error={problem} />}
              {steps.map((step, index) => (
                <fieldset
                  key={step.key}
                  hidden={index !== at}
                  className="sw-step"
                  aria-label={step.title}
                >
                  {step.description ? <p className="sw-soft">{step.description}</p> : null}
                  {step.render(form)}
                </fieldset>
              ))}
              <div className="sw-form-buttons">
                {at > 0 ? <Button onClick={() => setAt(at - 1)}>{t('back')}</Button> : null}
                <Button type="primary" htmlType="submit" loading={whenSlow(busy)}>
                  {last ? submitLabel : t('next')}
                </Button>
              </div>
            </Form>
          </Panel>
        </div>
        {summary ? <Summary form={form} of={summary} initial={initialValues} /> : null}
      </div>
    </Page>
  )
}

function FieldLabel({ label, required }: { label: ReactNode; required: boolean }) {
  const t = useText(text)
  return (
    <>
      {label}
      {/* Written by CSS, so that it is no part of the field's name. */}
      {required ? null : <span className="sw-optional" data-words={t('optional')} />}
    </>
  )
}

function FormProblem({ error }: { error: unknown }) {
  const { title, message } = problemWords(error)
  return (
    <Alert
      className="sw-form-problem"
      type="error"
      showIcon
      role="alert"
      title={title}
      description={message}
    />
  )
}

interface SummaryProps<Values> {
  form: FormInstance<Values>
  of: (values: Partial<Values>) => readonly Fact[]
  initial: Partial<Values>
}

function Summary<Values extends object>({ form, of, initial }: SummaryProps<Values>) {
  const t = useText(text)
  const values = Form.useWatch((all: Values) => all, { form, preserve: true }) as Values | undefined
  return (
    <aside className="sw-form-side" aria-label={t('form.summary')}>
      <Panel title={t('form.summary')}>
        <Facts items={of({ ...initial, ...values })} columns={1} />
      </Panel>
    </aside>
  )
}

export function fieldPath(name: string): FieldPath {
  return name.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

async function isValid<Values>(
  form: FormInstance<Values>,
  step: FormStep<Values> | undefined,
): Promise<boolean> {
  if (step === undefined) return true
  try {
    await form.validateFields(step.fields.map(fieldPath) as never[], { recursive: true })
    return true
  } catch (failure) {
    scrollToFirst(form, failure)
    return false // the form shows the reason at each field
  }
}

/** A field of a step that is not shown yet is reached once the step is drawn. */
function scrollToFirst<Values>(form: FormInstance<Values>, failure: unknown): void {
  const first = (failure as { errorFields?: { name: never }[] }).errorFields?.[0]
  if (first) window.setTimeout(() => form.scrollToField(first.name, { focus: true }))
}

async function firstInvalid<Values>(
  form: FormInstance<Values>,
  steps: readonly FormStep<Values>[],
): Promise<number> {
  // One after the other: a second check would put the first out of date, which counts as a failure.
  for (const [index, step] of steps.entries()) {
    if (!(await isValid(form, step))) return index
  }
  return -1
}

/** Puts the API's sentences at their fields; answers with the step of the first, if any. */
export function showFieldProblems<Values>(
  form: FormInstance<Values>,
  steps: readonly FormStep<Values>[],
  error: unknown,
): number | null {
  const problems = Object.entries(fieldProblems(error))
  form.setFields(
    problems.map(([name, words]) => ({ name: fieldPath(name) as never, errors: [words] })),
  )
  const found = problems
    .map(([name]) => steps.findIndex((step) => step.fields.some((field) => owns(field, name))))
    .filter((index) => index !== -1)
  return found.length > 0 ? Math.min(...found) : null
}

function owns(field: string, name: string): boolean {
  return name === field || name.startsWith(`${field}.`)
}
