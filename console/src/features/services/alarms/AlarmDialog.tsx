import { useQuery } from '@tanstack/react-query'
import { Form, Input, InputNumber, Select, Switch } from 'antd'
import { Link } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { allTargets } from '../../alerts/queries'
import type { ServiceDetail } from '../queries'
import { changeAlarm, createAlarm, type Alarm, type AlarmForm, type AlarmMetric } from './queries'
import { text } from './text'

const METRICS: AlarmMetric[] = [
  'qps',
  'error-pct',
  'throttled',
  'mean-ms',
  'p95-ms',
  'concurrent',
  'running-instances',
  'cpu-util',
  'memory-util',
  'gpu-util',
  'gpu-memory-util',
]
const OF_LLMS: AlarmMetric[] = ['tokens', 'ttft-p95', 'waiting-requests', 'kv-cache-util']
const COMPARISONS = ['>', '>=', '<', '<='] as const
const SEVERITIES = ['info', 'warning', 'critical'] as const
const FRESH: AlarmForm = {
  name: '',
  metric: 'error-pct',
  comparison: '>',
  threshold: 5,
  minutes: 3,
  severity: 'warning',
  targets: [],
  enabled: true,
}

interface Props {
  service: ServiceDetail
  alarm: Alarm | 'new' | null
  onClose: () => void
}

/** When to tell whom about one figure of the service. */
export function AlarmDialog({ service, alarm, onClose }: Props) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const old = alarm === 'new' || alarm === null ? null : alarm
  const save = useApiMutation(
    (body: AlarmForm) => (old === null ? createAlarm(service.id, body) : changeAlarm(old, body)),
    ['service'],
  )
  const targets = useQuery({
    ...allTargets(),
    enabled: alarm !== null && may('alert:target:list'),
  })
  const metrics = service.llm ? [...METRICS, ...OF_LLMS] : METRICS
  return (
    <FormDialog<AlarmForm>
      key={old?.id ?? 'new'}
      open={alarm !== null}
      title={old === null ? t('new') : old.name}
      submitLabel={t(old === null ? 'create' : 'save')}
      width={560}
      initialValues={old ?? FRESH}
      onSubmit={async (values) => {
        await save.mutateAsync(values)
        notify.success(t('saved'))
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={60} />
          </Form.Item>
          <div className="services-alarm-rule">
            <Form.Item name="metric" label={t('metric')}>
              <Select options={metrics.map((value) => ({ value, label: t(`metric.${value}`) }))} />
            </Form.Item>
            <Form.Item name="comparison" label={t('comparison')}>
              <Select options={COMPARISONS.map((value) => ({ value, label: value }))} />
            </Form.Item>
            <Form.Item
              name="threshold"
              label={t('threshold')}
              rules={[{ required: true, message: t('needed') }]}
            >
              <InputNumber<number> min={0} />
            </Form.Item>
          </div>
          <div className="services-pair">
            <Form.Item
              name="minutes"
              label={t('minutes')}
              extra={t('minutes.hint')}
              rules={[{ required: true, message: t('needed') }]}
            >
              <InputNumber<number> min={1} max={60} precision={0} />
            </Form.Item>
            <Form.Item name="severity" label={t('severity')}>
              <Select
                options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
              />
            </Form.Item>
          </div>
          <Form.Item
            name="targets"
            label={t('targets')}
            extra={
              <>
                {t('targets.hint')} <Link to="/alerts/targets">{t('targets.manage')}</Link>
              </>
            }
          >
            <Select
              mode="multiple"
              showSearch={{ optionFilterProp: 'label' }}
              options={(targets.data?.items ?? []).map(({ id, name, shown }) => ({
                value: id,
                label: shown === '' ? name : `${name} · ${shown}`,
              }))}
            />
          </Form.Item>
          <Form.Item name="enabled" label={t('enabled')} valuePropName="checked">
            <Switch aria-label={t('enabled')} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
