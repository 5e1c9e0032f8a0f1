import { Form, Input, InputNumber, Segmented, Select, Switch, type FormRule as Rule } from 'antd'
import { useText } from '@/base/text'
import { text } from '../text'
import { SpaceField } from './SpaceField'
import {
  gridSize,
  spaceProblem,
  type Method,
  type ParameterRow,
  type SearchValues,
  type SpaceProblem,
} from './values'

const METHODS: readonly Method[] = ['random', 'bayesian', 'halving', 'grid']

/** What varies, what decides, and how much may be tried. */
export function SearchStep() {
  const t = useText(text)
  const form = Form.useFormInstance<SearchValues>()
  const method = (Form.useWatch('method', form) as Method | undefined) ?? 'random'
  const early = Form.useWatch('early', form) || method === 'halving'
  const rows = Form.useWatch<readonly ParameterRow[] | undefined>('space', form) ?? []
  const isGrid = method === 'grid' && rows.length > 0 && spaceProblem(rows, method) === null
  return (
    <>
      <Form.Item<SearchValues>
        name="space"
        label={t('space')}
        extra={t('spaceHint')}
        validateTrigger={['onChange', 'onSubmit']}
        rules={useSpaceRules(method)}
      >
        <SpaceField method={method} />
      </Form.Item>
      <div className="training-fields">
        <Form.Item<SearchValues>
          name="metric"
          label={t('metric')}
          extra={t('metricHint')}
          rules={[{ required: true, whitespace: true, message: t('needed') }]}
        >
          <Input className="sw-mono" autoComplete="off" maxLength={250} />
        </Form.Item>
        <Form.Item<SearchValues> name="direction" label={t('direction')} required>
          <Segmented
            options={[
              { value: 'minimize', label: t('direction.minimize') },
              { value: 'maximize', label: t('direction.maximize') },
            ]}
          />
        </Form.Item>
      </div>
      <div className="training-fields">
        <Form.Item<SearchValues>
          name="method"
          label={t('method')}
          extra={t(`methodHint.${method}`)}
          required
        >
          <Select options={METHODS.map((one) => ({ value: one, label: t(`method.${one}`) }))} />
        </Form.Item>
        <Form.Item<SearchValues>
          name="max_trials"
          label={t('maxTrials')}
          extra={isGrid ? t('gridSize', { count: gridSize(rows) }) : undefined}
          required
        >
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
      </div>
      <div className="training-switches">
        <Form.Item<SearchValues>
          name="parallel"
          label={t('parallel')}
          extra={t('parallelHint')}
          required
        >
          <InputNumber min={1} max={100} precision={0} />
        </Form.Item>
        <Form.Item<SearchValues> name="max_failures" label={t('maxFailures')} required>
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
        <Form.Item<SearchValues> name="seed" label={t('seed')} extra={t('seedHint')} required>
          <InputNumber precision={0} />
        </Form.Item>
        {method === 'halving' ? null : (
          <Form.Item<SearchValues>
            name="early"
            valuePropName="checked"
            label={t('earlySwitch')}
            extra={t('earlyHint')}
            required
          >
            <Switch />
          </Form.Item>
        )}
        {early ? (
          <>
            <Form.Item<SearchValues> name="min_reports" label={t('minReports')} required>
              <InputNumber min={1} max={1_000_000} precision={0} />
            </Form.Item>
            <Form.Item<SearchValues> name="factor" label={t('factor')} required>
              <InputNumber min={2} max={10} precision={0} />
            </Form.Item>
          </>
        ) : null}
      </div>
    </>
  )
}

/** What a row just added lacks is told when one goes on, what clashes at once. */
function useSpaceRules(method: Method): Rule[] {
  const t = useText(text)
  const check =
    (kinds: readonly SpaceProblem[]) =>
    (_: unknown, rows: ParameterRow[] = []) => {
      const problem = spaceProblem(rows, method)
      if (problem === null || !kinds.includes(problem.what)) return Promise.resolve()
      const what = t(`space.bad.${problem.what}`)
      return Promise.reject(new Error(t('space.bad', { row: problem.row, what })))
    }
  return [
    { type: 'array', required: true, validateTrigger: 'onSubmit', message: t('space.needed') },
    { validateTrigger: 'onChange', validator: check(['same', 'log']) },
    { validateTrigger: 'onSubmit', validator: check(['name', 'values', 'range', 'points']) },
  ]
}
