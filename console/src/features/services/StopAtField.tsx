import { Form, Input } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'

/** When the service is stopped by itself; the browser's own picker, in the time zone of its user. */
export function StopAtField() {
  const t = useText(text)
  return (
    <Form.Item
      name="stop_at"
      label={t('stopAt')}
      extra={t('stopAt.hint')}
      rules={[
        {
          validator: (_: unknown, written: string) =>
            written === '' || Date.parse(written) > Date.now()
              ? Promise.resolve()
              : Promise.reject(new Error(t('stopAt.past'))),
        },
      ]}
    >
      <Input type="datetime-local" className="services-moment" allowClear />
    </Form.Item>
  )
}

/** What the picker holds, as the API takes it: with an offset. */
export function stopAtForm(written: string): string | null {
  return written === '' ? null : new Date(written).toISOString()
}

export function stopAtValue(at: string | null | undefined): string {
  if (at == null) return ''
  const local = new Date(Date.parse(at) - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
