import { Button, Drawer, Form, Input, InputNumber, Slider } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'
import { NO_PARAMETERS, type Parameters } from './types'

interface Props {
  open: boolean
  value: Parameters
  onChange: (parameters: Parameters) => void
  onClose: () => void
}

/** How the model shall answer; what is empty is left to the model. */
export function ParametersDrawer({ open, value, onChange, onClose }: Props) {
  const t = useText(text)
  const set = (part: Partial<Parameters>) => onChange({ ...value, ...part })
  return (
    <Drawer
      open={open}
      onClose={onClose}
      title={t('parameters')}
      size={380}
      extra={
        <Button size="small" onClick={() => onChange(NO_PARAMETERS)}>
          {t('reset')}
        </Button>
      }
    >
      <Form layout="vertical" component="div">
        <Form.Item label={t('system')} htmlFor="playground-system" extra={t('system.hint')}>
          <Input.TextArea
            id="playground-system"
            autoSize={{ minRows: 3, maxRows: 12 }}
            value={value.system}
            onChange={(event) => set({ system: event.target.value })}
          />
        </Form.Item>
        <Form.Item label={t('temperature')} extra={t('temperature.hint')}>
          <Amount
            label={t('temperature')}
            max={2}
            value={value.temperature}
            onChange={(temperature) => set({ temperature })}
          />
        </Form.Item>
        <Form.Item label={t('topP')} extra={t('topP.hint')}>
          <Amount
            label={t('topP')}
            max={1}
            value={value.top_p}
            onChange={(top_p) => set({ top_p })}
          />
        </Form.Item>
        <Form.Item label={t('maxTokens')} htmlFor="playground-max" extra={t('maxTokens.hint')}>
          <InputNumber<number>
            id="playground-max"
            min={1}
            precision={0}
            value={value.max_tokens}
            onChange={(max_tokens) => set({ max_tokens })}
          />
        </Form.Item>
      </Form>
    </Drawer>
  )
}

interface AmountProps {
  label: string
  max: number
  value: number | null
  onChange: (value: number | null) => void
}

function Amount({ label, max, value, onChange }: AmountProps) {
  return (
    <div className="playground-amount">
      <Slider
        min={0}
        max={max}
        step={0.05}
        value={value ?? max / 2}
        className={value === null ? 'playground-unset' : undefined}
        onChange={onChange}
        ariaLabelForHandle={label}
      />
      <InputNumber<number>
        aria-label={label}
        min={0}
        max={max}
        step={0.05}
        value={value}
        onChange={onChange}
      />
    </div>
  )
}
