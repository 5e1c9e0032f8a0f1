import { Form, Input, InputNumber, Select, Switch } from 'antd'
import { useText } from '@/base/text'
import { LimitField } from '../EditServiceDialog'
import { StopAtField } from '../StopAtField'
import { text } from './text'
import { isShare } from './values'

/** Who may call, how much, and how instances are replaced and stopped. */
export function AccessStep({ ofService }: { ofService: boolean }) {
  const t = useText(text)
  const share = {
    validator: (_: unknown, written: string) =>
      isShare(written) ? Promise.resolve() : Promise.reject(new Error(t('share.bad'))),
  }
  return (
    <>
      {ofService ? (
        <>
          <Form.Item name="auth" label={t('auth')} extra={t('auth.hint')} valuePropName="checked">
            <Switch aria-label={t('auth')} />
          </Form.Item>
          <LimitField />
          <StopAtField />
        </>
      ) : null}
      <div className="services-pair">
        <Form.Item name="max_surge" label={t('surge')} extra={t('surge.hint')} rules={[share]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="max_unavailable"
          label={t('unavailable')}
          extra={t('unavailable.hint')}
          dependencies={['max_surge']}
          rules={[
            share,
            ({ getFieldValue }) => ({
              validator: (_: unknown, written: string) =>
                parseInt(written) === 0 && parseInt(String(getFieldValue('max_surge'))) === 0
                  ? Promise.reject(new Error(t('share.zero')))
                  : Promise.resolve(),
            }),
          ]}
        >
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="grace_s"
          label={t('grace')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <InputNumber<number> min={1} max={86_400} precision={0} />
        </Form.Item>
        <Form.Item
          name="start_timeout_s"
          label={t('startTimeout')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <InputNumber<number> min={1} max={86_400} precision={0} />
        </Form.Item>
        <Form.Item name="retries" label={t('retries')} extra={t('retries.hint')}>
          <InputNumber<number> min={1} max={99} precision={0} />
        </Form.Item>
        <Form.Item
          name="port"
          label={t('port')}
          extra={t('port.hint')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <InputNumber<number> min={1024} max={65_535} precision={0} />
        </Form.Item>
      </div>
      <Form.Item name="pre_stop" label={t('preStop')} extra={t('preStop.hint')}>
        <Select mode="tags" open={false} suffix={null} />
      </Form.Item>
      <Form.Item
        name="deliver_logs"
        label={t('deliverLogs')}
        extra={t('deliverLogs.hint')}
        valuePropName="checked"
      >
        <Switch aria-label={t('deliverLogs')} />
      </Form.Item>
    </>
  )
}
