import { Form, Input, InputNumber, Select, Switch, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'
import { PROBES, type Values } from './values'

type Name = (typeof PROBES)[number]

const NUMBERS = [
  ['initial_delay_s', 'probe.delay', 0],
  ['period_s', 'probe.period', 1],
  ['timeout_s', 'probe.timeout', 1],
  ['failure_threshold', 'probe.failures', 1],
  ['success_threshold', 'probe.successes', 1],
] as const

/** How the platform sees whether an instance is well. */
export function HealthStep({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  return (
    <>
      <p className="sw-soft">{t('probe.lead')}</p>
      {PROBES.map((name) => (
        <Probe key={name} form={form} name={name} />
      ))}
    </>
  )
}

function Probe({ form, name }: { form: FormInstance<Values>; name: Name }) {
  const t = useText(text)
  const on = Form.useWatch(['probes', name, 'on'], { form, preserve: true }) as boolean | undefined
  const action = Form.useWatch(['probes', name, 'action'], { form, preserve: true }) as
    string | undefined
  return (
    <section className="services-probe">
      <div className="services-switch">
        <Form.Item name={['probes', name, 'on']} valuePropName="checked" noStyle>
          <Switch aria-label={t(`probe.${name}`)} />
        </Form.Item>
        <span className="sw-menu-label">
          <strong>{t(`probe.${name}`)}</strong>
          <small className="sw-faint">{t(`probe.${name}.hint`)}</small>
        </span>
      </div>
      {on ? (
        <div className="services-probe-fields">
          <Form.Item name={['probes', name, 'action']} label={t('probe.action')} required>
            <Select
              options={[
                { value: 'HTTPGet', label: 'HTTP GET' },
                { value: 'TCPSocket', label: 'TCP' },
              ]}
            />
          </Form.Item>
          {action === 'HTTPGet' ? (
            <Form.Item name={['probes', name, 'path']} label={t('probe.path')} required>
              <Input className="sw-mono" autoComplete="off" />
            </Form.Item>
          ) : null}
          {NUMBERS.map(([field, words, min]) => (
            <Form.Item
              key={field}
              name={['probes', name, field]}
              label={t(words)}
              rules={[{ required: true, message: t('needed') }]}
            >
              <InputNumber<number>
                min={min}
                precision={0}
                disabled={field === 'success_threshold' && name !== 'readiness'}
              />
            </Form.Item>
          ))}
        </div>
      ) : null}
    </section>
  )
}
