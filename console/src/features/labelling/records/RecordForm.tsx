import { InfoCircleOutlined } from '@ant-design/icons'
import { Tooltip } from 'antd'
import type { Component } from '../queries'
import type { Answer, Answers } from './answers'
import { FieldBody } from './FieldBody'

export interface Display {
  markdown: boolean
  fontSize: number
}

export interface FormProps {
  components: readonly Component[]
  answers: Answers
  onChange: (answers: Answers) => void
  readOnly: boolean
  display: Display
  /** Below it lie the files that the record names. */
  filesUrl: string
  /** Images stand in a zone of their own. */
  withoutImages?: boolean
  /** A part of another form, which has the keys 1 to 9. */
  inner?: boolean
}

const IMAGE_VIEWERS = new Set(['ImageViewer', 'ImageListViewer'])

/** The components of a schema as a form. */
export function RecordForm(props: FormProps) {
  const { components, answers, onChange, inner = false } = props
  const keyed = inner ? undefined : components.find(({ type }) => type === 'StringSelector')
  return components
    .filter(({ type }) => !(props.withoutImages && IMAGE_VIEWERS.has(type)))
    .map((component) => (
      <Field
        key={component.key}
        {...props}
        component={component}
        answer={answers[component.key] ?? null}
        keyed={component === keyed}
        onAnswer={(answer) => onChange({ ...answers, [component.key]: answer })}
      />
    ))
}

export interface FieldProps extends Omit<FormProps, 'components' | 'answers' | 'onChange'> {
  component: Component
  answer: Answer
  /** Answers to the keys 1 to 9. */
  keyed: boolean
  onAnswer: (answer: Answer) => void
}

function Field(props: FieldProps) {
  const { name, help } = props.component
  return (
    <section className="label-field" aria-label={name}>
      <header>
        {name}
        {help === '' ? null : (
          <Tooltip title={help}>
            <InfoCircleOutlined className="sw-faint" aria-label={help} />
          </Tooltip>
        )}
      </header>
      <FieldBody {...props} />
    </section>
  )
}
