import { Form, type FormInstance } from 'antd'
import { FIRST, type Values } from './values'

/** A field's value as it is now; on the very first drawing the form does not know it yet. */
export function useField<Name extends keyof Values>(
  form: FormInstance<Values>,
  name: Name,
): Values[Name] {
  const value = Form.useWatch(name, { form, preserve: true }) as Values[Name] | undefined
  return value ?? FIRST[name]
}
