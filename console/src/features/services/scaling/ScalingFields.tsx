import { ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, InputNumber, Radio, Select, Switch } from 'antd'
import { useText } from '@/base/text'
import { METRICS, NEW_RULE, type Metric, type Strategy } from './values'
import { text } from './text'
import './scaling.css'

const STRATEGIES: Strategy[] = ['manual', 'time', 'hpa']

/** How the count of replicas is found. Lives in a form whose values have `scaling` and `replicas`. */
export function ScalingFields({ llm }: { llm: boolean }) {
  const t = useText(text)
  const form = Form.useFormInstance<object>()
  const strategy = Form.useWatch(['scaling', 'strategy'], { form, preserve: true }) as
    Strategy | undefined
  const sleeps = Form.useWatch(['scaling', 'sleeps'], { form, preserve: true }) as
    boolean | undefined
  return (
    <>
      <Form.Item name={['scaling', 'strategy']} label={t('strategy')} required>
        <Radio.Group className="sw-choices">
          {STRATEGIES.map((value) => (
            <Radio key={value} value={value}>
              <span className="sw-menu-label">
                {t(value)}
                <small className="sw-faint">{t(`${value}.hint`)}</small>
              </span>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      <Form.Item
        name="replicas"
        label={t(strategy === 'manual' ? 'replicas' : 'default')}
        extra={strategy === 'manual' ? undefined : t('default.hint')}
        rules={[{ required: true, message: t('needed') }]}
      >
        <InputNumber<number> min={1} max={1000} precision={0} />
      </Form.Item>
      {strategy === 'hpa' ? <LoadFields llm={llm} /> : null}
      {strategy === 'time' || strategy === 'hpa' ? (
        <RuleFields bounds={strategy === 'hpa'} fewest={sleeps ? 0 : 1} />
      ) : null}
      <div className="services-switch scaling-sleep">
        <Form.Item name={['scaling', 'sleeps']} valuePropName="checked" noStyle>
          <Switch aria-label={t('sleeps')} />
        </Form.Item>
        <span className="sw-menu-label">
          {t('sleeps')}
          <small className="sw-faint">{t('sleeps.hint')}</small>
        </span>
      </div>
      {sleeps ? (
        <div className="scaling-numbers">
          <Numeric name="idle_minutes" label={t('idle')} least={0.5} most={10_080} />
          <Numeric name="max_held" label={t('held')} least={1} most={10_000} whole />
          <Numeric name="hold_s" label={t('hold')} least={1} most={600} whole />
        </div>
      ) : null}
    </>
  )
}

interface NumericProps {
  name: string
  label: string
  least: number
  most: number
  whole?: boolean
}

function Numeric({ name, label, least, most, whole = false }: NumericProps) {
  const t = useText(text)
  return (
    <Form.Item
      name={['scaling', name]}
      label={label}
      rules={[{ required: true, message: t('needed') }]}
    >
      <InputNumber<number> min={least} max={most} {...(whole ? { precision: 0 } : {})} />
    </Form.Item>
  )
}

function LoadFields({ llm }: { llm: boolean }) {
  const t = useText(text)
  return (
    <>
      <div className="scaling-numbers">
        <Numeric name="min" label={t('min')} least={1} most={1000} whole />
        <Numeric name="max" label={t('max')} least={1} most={1000} whole />
        <Numeric name="up_window_s" label={t('up')} least={0} most={3600} whole />
        <Numeric name="down_window_s" label={t('down')} least={0} most={3600} whole />
      </div>
      <Form.Item label={t('targets')} extra={t('targets.lead')} required>
        <Form.List name={['scaling', 'targets']}>
          {(fields, { add, remove }) => (
            <div className="sw-stack scaling-list">
              {fields.map(({ key, name }) => (
                <Target key={key} at={name} llm={llm} onRemove={() => remove(name)} />
              ))}
              <Button
                size="small"
                icon={<PlusOutlined aria-hidden />}
                onClick={() => add({ metric: 'cpu-util', threshold: METRICS['cpu-util'].usual })}
              >
                {t('target.add')}
              </Button>
            </div>
          )}
        </Form.List>
      </Form.Item>
    </>
  )
}

function Target({ at, llm, onRemove }: { at: number; llm: boolean; onRemove: () => void }) {
  const t = useText(text)
  const form = Form.useFormInstance<object>()
  const path = ['scaling', 'targets', at]
  const metric = (Form.useWatch([...path, 'metric'], { form, preserve: true }) ??
    'cpu-util') as Metric
  const { least, most } = METRICS[metric]
  return (
    <div className="scaling-target">
      <Form.Item name={[at, 'metric']} noStyle>
        <Select
          aria-label={t('target.metric')}
          onChange={(next: Metric) =>
            form.setFieldValue([...path, 'threshold'], METRICS[next].usual)
          }
          options={(Object.keys(METRICS) as Metric[])
            .filter((one) => llm || !METRICS[one].llm)
            .map((value) => ({ value, label: t(value) }))}
        />
      </Form.Item>
      <Form.Item name={[at, 'threshold']} noStyle rules={[{ required: true }]}>
        <InputNumber<number> aria-label={t('target.threshold')} min={least} max={most} />
      </Form.Item>
      <Button
        type="text"
        aria-label={t('target.remove', { name: t(metric) })}
        icon={<DeleteOutlined aria-hidden />}
        onClick={onRemove}
      />
    </div>
  )
}

function RuleFields({ bounds, fewest }: { bounds: boolean; fewest: number }) {
  const t = useText(text)
  return (
    <Form.Item label={t('rules')} extra={t('rules.lead', { zone: t('rules.zone') })}>
      <Form.List name={['scaling', 'rules']}>
        {(fields, { add, remove, move }) => (
          <div className="sw-stack scaling-list">
            {fields.map(({ key, name }) => (
              <div key={key} className="scaling-rule">
                <Form.Item
                  name={[name, 'time']}
                  label={t('rule.time')}
                  tooltip={t('rule.time.hint')}
                  rules={[{ required: true, message: t('needed') }]}
                >
                  <Input className="sw-mono" autoComplete="off" placeholder="0 8 * * MON-FRI" />
                </Form.Item>
                <Form.Item
                  name={[name, 'replicas']}
                  label={t('rule.replicas')}
                  rules={[{ required: true, message: t('needed') }]}
                >
                  <InputNumber<number> min={fewest} max={1000} precision={0} />
                </Form.Item>
                {bounds ? (
                  <>
                    <Form.Item name={[name, 'min_replicas']} label={t('rule.min')}>
                      <InputNumber<number> min={1} max={1000} precision={0} />
                    </Form.Item>
                    <Form.Item name={[name, 'max_replicas']} label={t('rule.max')}>
                      <InputNumber<number> min={1} max={1000} precision={0} />
                    </Form.Item>
                  </>
                ) : null}
                <Form.Item
                  className="scaling-exceptions"
                  name={[name, 'exceptions']}
                  label={t('rule.exceptions')}
                  tooltip={t('rule.exceptions.hint')}
                >
                  <Select
                    mode="tags"
                    open={false}
                    suffix={null}
                    maxCount={3}
                    tokenSeparators={[';']}
                    placeholder="* * * * * SAT,SUN"
                  />
                </Form.Item>
                <div className="scaling-buttons">
                  <Button
                    type="text"
                    disabled={name === 0}
                    aria-label={t('rule.up', { number: name + 1 })}
                    icon={<ArrowUpOutlined aria-hidden />}
                    onClick={() => move(name, name - 1)}
                  />
                  <Button
                    type="text"
                    aria-label={t('rule.remove', { number: name + 1 })}
                    icon={<DeleteOutlined aria-hidden />}
                    onClick={() => remove(name)}
                  />
                </div>
              </div>
            ))}
            <Button
              size="small"
              icon={<PlusOutlined aria-hidden />}
              onClick={() => add({ ...NEW_RULE })}
            >
              {t('rule.add')}
            </Button>
          </div>
        )}
      </Form.List>
    </Form.Item>
  )
}
