import { CodeOutlined, ExperimentOutlined } from '@ant-design/icons'
import { Radio, type FormInstance } from 'antd'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { useConfirm } from '@/ui/Confirm'
import type { Template } from '../queries'
import { formText } from './text'
import { EMPTY, OWN_CODE, templateValues, type Values } from './values'

interface Props {
  form: FormInstance<Values>
  templates: readonly Template[]
  value?: string
  onChange?: (id: string) => void
}

/** Own code, or a recipe that fills in command, hyper-parameters and mounts. */
export function TemplateField({ form, templates, value, onChange }: Props) {
  const f = useText(formText)
  const [language] = usePreference('language')
  const confirm = useConfirm()
  const choose = async (id: string) => {
    const question = { title: f('replace'), message: f('replaceHint'), action: f('replaceDo') }
    if (isEdited(form, templates, value ?? OWN_CODE) && !(await confirm(question))) return
    onChange?.(id)
    form.setFieldsValue(filledBy(templates, id, form.getFieldValue('mounts') as Values['mounts']))
  }
  const cards = [
    { id: OWN_CODE, icon: <CodeOutlined aria-hidden />, name: f('own'), hint: f('ownHint') },
    ...templates.map(({ id, name, description }) => ({
      id,
      icon: <ExperimentOutlined aria-hidden />,
      name: name[language] ?? id,
      hint: description[language] ?? '',
    })),
  ]
  return (
    <Radio.Group
      className="training-templates"
      value={value}
      onChange={(event) => void choose(String(event.target.value))}
    >
      {cards.map(({ id, icon, name, hint }) => (
        <Radio
          key={id}
          value={id}
          className={id === value ? 'training-template training-template-on' : 'training-template'}
        >
          <span className="training-template-words">
            <strong>
              <span aria-hidden>{icon}</span> {name}
            </strong>
            <small>{hint}</small>
          </span>
        </Radio>
      ))}
    </Radio.Group>
  )
}

function filledBy(
  templates: readonly Template[],
  id: string,
  mounts: Values['mounts'],
): Partial<Values> {
  const template = templates.find((one) => one.id === id)
  if (template) return templateValues(template, mounts)
  const { environment, command, hyperparameters } = EMPTY
  const kept = mounts.filter(({ source }) => source !== '')
  return { environment, command, hyperparameters, mounts: kept }
}

/** Whether a person wrote what another choice would replace. */
function isEdited(form: FormInstance<Values>, templates: readonly Template[], id: string): boolean {
  const before = filledBy(templates, id, [])
  const { command, hyperparameters } = form.getFieldsValue(true) as Values
  return command !== before.command || hyperparameters !== before.hyperparameters
}
