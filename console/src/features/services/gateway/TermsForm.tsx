import { Form, InputNumber, Select, Switch } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import type { ServiceDetail } from '../queries'
import { setTerms, type Terms } from './queries'
import { text } from './text'

const LIMITS = ['rpm', 'tpm', 'ipm'] as const
const PRICES = ['prompt', 'completion', 'image'] as const

/** What holds for a service as a model whoever calls it; saved as a whole. */
export function TermsForm({ service, terms }: { service: ServiceDetail; terms: Terms }) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const [form] = Form.useForm<Terms>()
  const [problem, setProblem] = useState<unknown>(null)
  const isStaff = may('gateway:model:update')
  const save = useApiMutation((body: Terms) => setTerms(service.id, body), ['service'])
  const submit = async () => {
    setProblem(null)
    try {
      await save.mutateAsync(await form.validateFields())
      notify.success(t('saved'))
    } catch (error) {
      if (error instanceof Error) setProblem(error)
    }
  }
  const whole = { min: 1, precision: 0, style: { width: '100%' } }
  return (
    <Form<Terms> form={form} layout="vertical" initialValues={terms} requiredMark={false}>
      <Panel
        title={t('terms')}
        actions={
          <ActionButton
            action={{
              key: 'save',
              label: t('save'),
              primary: true,
              blocked: may('serve:service:update') ? null : t('mayNot'),
              run: submit,
            }}
          />
        }
      >
        <p className="sw-soft">{t('terms.lead')}</p>
        {problem === null ? null : <ErrorState error={problem} />}
        <div className="services-pair">
          <Form.Item name="aliases" label={t('aliases')} extra={t('aliases.hint')}>
            <Select mode="tags" open={false} suffix={null} maxCount={20} />
          </Form.Item>
          {LIMITS.map((limit) => (
            <Form.Item key={limit} name={limit} label={t(limit)} extra={t('limit.hint')}>
              <InputNumber<number> {...whole} />
            </Form.Item>
          ))}
        </div>
        <p className="sw-soft">{t('terms.staff')}</p>
        <div className="services-pair">
          <Form.Item name="preset" label={t('preset')} valuePropName="checked">
            <Switch disabled={!isStaff} />
          </Form.Item>
          <Form.Item name="free_tokens" label={t('free')} extra={t('free.hint')}>
            <InputNumber<number> {...whole} min={0} disabled={!isStaff} />
          </Form.Item>
          {PRICES.map((price) => (
            <Form.Item
              key={price}
              name={['prices', price]}
              label={t(`price.${price}`)}
              extra={t('price.hint')}
            >
              <InputNumber<string>
                stringMode
                min="0"
                style={{ width: '100%' }}
                disabled={!isStaff}
              />
            </Form.Item>
          ))}
        </div>
      </Panel>
    </Form>
  )
}
