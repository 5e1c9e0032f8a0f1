import { DatePicker, Form, InputNumber, Select } from 'antd'
import dayjs from 'dayjs'
import { useText } from '@/base/text'
import { Sentence } from '@/ui/Sentence'
import { COSTS, COUNTS } from './rules'
import { text } from './text'
import './groups.css'

interface Props {
  /** Names that may stand in the list of models. */
  models?: readonly string[]
  /** Why token limits and budgets are not possible, or null. */
  noTokens?: string | null
}

const OF_TOKENS = new Set(['tpm', 'tpd', 'ipm', 'tokens_month', 'cost_day', 'cost_month'])

/** Limits, budgets, end, addresses and models of a key, as fields of a form around. */
export function RulesFields({ models = [], noTokens = null }: Props) {
  const t = useText(text)
  const closed = (name: string) => noTokens !== null && OF_TOKENS.has(name)
  return (
    <>
      <p className="sw-faint groups-hint">
        {t('rule.hint')} {noTokens === null ? null : <Sentence of={noTokens} />}
      </p>
      <div className="groups-rules">
        {COUNTS.map((name) => (
          <Form.Item key={name} name={name} label={t(`rule.${name}`)}>
            <InputNumber<number>
              min={1}
              precision={0}
              disabled={closed(name)}
              style={{ width: '100%' }}
            />
          </Form.Item>
        ))}
        {COSTS.map((name) => (
          <Form.Item key={name} name={name} label={t(`rule.${name}`)} extra={t('rule.cost.hint')}>
            <InputNumber<string>
              min="0.000001"
              stringMode
              disabled={closed(name)}
              style={{ width: '100%' }}
            />
          </Form.Item>
        ))}
      </div>
      <Form.Item
        name="expires_at"
        label={t('rule.expires_at')}
        getValueProps={(value: string | null) => ({ value: value ? dayjs(value) : null })}
        normalize={(value: dayjs.Dayjs | null) => value?.toISOString() ?? null}
      >
        <DatePicker showTime style={{ width: '100%' }} />
      </Form.Item>
      <Form.Item name="addresses" label={t('rule.addresses')} extra={t('rule.addresses.hint')}>
        <Select mode="tags" tokenSeparators={[',', ' ']} open={false} suffix={null} />
      </Form.Item>
      <Form.Item name="models" label={t('rule.models')} extra={t('rule.models.hint')}>
        <Select
          mode="tags"
          tokenSeparators={[',']}
          options={models.map((value) => ({ value, label: value }))}
        />
      </Form.Item>
      <p className="sw-faint groups-hint">{t('window.note')}</p>
    </>
  )
}
