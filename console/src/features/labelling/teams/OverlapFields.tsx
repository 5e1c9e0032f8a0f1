import { Form, InputNumber } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'

const MOST = 9

/** Of a form: how many people label a record, and of how many records. */
export function OverlapFields() {
  const t = useText(text)
  const overlap = Form.useWatch<number | undefined>('overlap') ?? 1
  return (
    <Form.Item label={t('overlap')} extra={t('overlap.hint')}>
      <span className="sw-row">
        <Form.Item name="overlap" noStyle>
          <InputNumber min={1} max={MOST} precision={0} aria-label={t('overlap')} />
        </Form.Item>
        <Form.Item name="overlap_percent" noStyle hidden={overlap === 1}>
          <InputNumber
            min={1}
            max={100}
            precision={0}
            suffix="%"
            aria-label={t('overlap.percent')}
          />
        </Form.Item>
      </span>
    </Form.Item>
  )
}
