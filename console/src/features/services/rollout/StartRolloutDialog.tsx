import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form, InputNumber, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { startRollout, type RolloutForm, type ServiceDetail, type Version } from '../queries'
import { text } from './text'

interface Values {
  version_id: string
  steps: RolloutForm['steps']
  error_pct: number | null
  p95_ms: number | null
  ttft_p95_ms: number | null
  min_calls: number
}

const STEPS = [
  { weight: 5, hold_s: 300 },
  { weight: 25, hold_s: 300 },
  { weight: 100, hold_s: 0 },
]

interface Props {
  service: ServiceDetail | null
  choices: Version[]
  onClose: () => void
}

export function StartRolloutDialog({ service, choices, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const start = useApiMutation(
    (body: RolloutForm) => startRollout(service?.id ?? '', body),
    ['service'],
  )
  const submit = async ({ version_id, steps, ...checks }: Values) => {
    await start.mutateAsync({ version_id, steps, checks })
    notify.success(t('start.done', { name: version_id }))
  }
  return (
    <FormDialog<Values>
      key={service?.id ?? 'none'}
      open={service !== null}
      title={t('start.title', { name: service?.name ?? '' })}
      submitLabel={t('start')}
      width={560}
      initialValues={{
        version_id: choices[0]?.id ?? '',
        steps: STEPS,
        error_pct: 1,
        p95_ms: null,
        ttft_p95_ms: null,
        min_calls: 20,
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="sw-soft">{t('start.lead')}</p>
          <Form.Item name="version_id" label={t('version')}>
            <Select
              options={choices.map(({ id, name }) => ({ value: id, label: `${name} · ${id}` }))}
            />
          </Form.Item>
          <Form.Item label={t('steps')} extra={t('steps.hint')}>
            <Form.List name="steps">
              {(fields, { add, remove }) => (
                <div className="services-steps">
                  <div className="services-step sw-soft" aria-hidden>
                    <span>{t('weight')}</span>
                    <span>{t('hold')}</span>
                  </div>
                  {fields.map(({ key, name }) => (
                    <div key={key} className="services-step">
                      <Form.Item name={[name, 'weight']} noStyle rules={[{ required: true }]}>
                        <InputNumber<number>
                          aria-label={t('weight')}
                          min={1}
                          max={100}
                          precision={0}
                        />
                      </Form.Item>
                      <Form.Item name={[name, 'hold_s']} noStyle rules={[{ required: true }]}>
                        <InputNumber<number>
                          aria-label={t('hold')}
                          min={0}
                          max={604_800}
                          precision={0}
                        />
                      </Form.Item>
                      <Button
                        type="text"
                        disabled={fields.length === 1}
                        aria-label={t('step.remove', { number: name + 1 })}
                        icon={<DeleteOutlined aria-hidden />}
                        onClick={() => remove(name)}
                      />
                    </div>
                  ))}
                  <Button
                    size="small"
                    icon={<PlusOutlined aria-hidden />}
                    onClick={() => add({ weight: 50, hold_s: 300 }, Math.max(0, fields.length - 1))}
                  >
                    {t('step.add')}
                  </Button>
                </div>
              )}
            </Form.List>
          </Form.Item>
          <div className="scaling-numbers">
            <Form.Item name="error_pct" label={t('error')} extra={t('empty')}>
              <InputNumber<number> min={0} max={100} />
            </Form.Item>
            <Form.Item name="p95_ms" label={t('p95')}>
              <InputNumber<number> min={1} />
            </Form.Item>
            <Form.Item name="ttft_p95_ms" label={t('ttft')}>
              <InputNumber<number> min={1} />
            </Form.Item>
            <Form.Item
              name="min_calls"
              label={t('calls')}
              rules={[{ required: true, message: t('needed') }]}
            >
              <InputNumber<number> min={0} max={1_000_000} precision={0} />
            </Form.Item>
          </div>
        </>
      )}
    </FormDialog>
  )
}
