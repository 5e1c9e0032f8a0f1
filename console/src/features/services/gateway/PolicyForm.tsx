import { Form, InputNumber, Radio, Select, Switch } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { ErrorState } from '@/ui/ErrorState'
import { JsonEditor, parseJson } from '@/ui/JsonEditor'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { serviceList, type ServiceDetail } from '../queries'
import { AuditFields, auditOf, auditValues, type AuditValues } from './AuditFields'
import { MirrorSeen } from './MirrorSeen'
import { ProjectAudit } from './ProjectAudit'
import { setPolicy, type Policy } from './queries'
import { text } from './text'

interface Values {
  retries: number | null
  fallbacks: string[]
  prefix_affinity: boolean
  version: string
  percent: number
  checked: boolean
  rules: string
  follows: boolean
  audit: AuditValues
}

const PAGE = { limit: 100 }
const FIRST_RULES = '{\n  "chat": {}\n}'

function valuesOf(policy: Policy): Values {
  return {
    retries: policy.retries ?? null,
    fallbacks: policy.fallbacks,
    prefix_affinity: policy.prefix_affinity,
    version: policy.mirror?.version_id ?? '',
    percent: policy.mirror?.percent ?? 5,
    checked: policy.rules != null,
    rules: policy.rules == null ? FIRST_RULES : JSON.stringify(bare(policy.rules), null, 2),
    follows: policy.audit == null,
    audit: auditValues(policy.audit),
  }
}

/** Without what is null: what nobody said needs no line. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const said = Object.entries(value).filter(([, one]) => one !== null)
  return Object.fromEntries(said.map(([name, one]) => [name, bare(one)]))
}

function policyOf(values: Values, before: Policy): Policy {
  return {
    retries: values.retries,
    fallbacks: values.fallbacks,
    prefix_affinity: values.prefix_affinity,
    mirror: values.version === '' ? null : { version_id: values.version, percent: values.percent },
    rules: values.checked ? (parseJson(values.rules).parsed as Policy['rules']) : null,
    audit: values.follows ? null : auditOf(values.audit, before.audit),
  }
}

/** What the gateway does with the calls of a service; saved as a whole. */
export function PolicyForm({ service, policy }: { service: ServiceDetail; policy: Policy }) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const [form] = Form.useForm<Values>()
  const [problem, setProblem] = useState<unknown>(null)
  const [seen, setSeen] = useState(() => valuesOf(policy))
  const { checked, follows, version } = seen
  const save = useApiMutation((body: Policy) => setPolicy(service.id, body), ['service'])
  const submit = async () => {
    setProblem(null)
    try {
      await save.mutateAsync(policyOf(await form.validateFields(), policy))
      notify.success(t('saved'))
    } catch (error) {
      if (error instanceof Error) setProblem(error)
    }
  }
  const saveButton = (
    <ActionButton
      action={{
        key: 'save',
        label: t('save'),
        primary: true,
        blocked: may('serve:service:update') ? null : t('mayNot'),
        run: submit,
      }}
    />
  )
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      initialValues={seen}
      onValuesChange={(_, all: Values) => setSeen(all)}
      requiredMark={false}
      className="sw-stack"
    >
      {problem === null ? null : <ErrorState error={problem} />}
      <Panel title={t('routing')} actions={saveButton}>
        <Routing service={service} mirrored={version !== ''} />
      </Panel>
      <Panel title={t('rules')}>
        <p className="sw-soft">{t('rules.lead')}</p>
        <Form.Item name="checked" label={t('rules.use')} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item
          name="rules"
          label={t('rules.json')}
          extra={t('rules.hint')}
          hidden={!checked}
          rules={[
            {
              validator: (_, written: string) => {
                const { problem: wrong } = parseJson(written)
                return checked && wrong !== null
                  ? Promise.reject(new Error(wrong))
                  : Promise.resolve()
              },
            },
          ]}
        >
          <JsonEditor rows={10} />
        </Form.Item>
      </Panel>
      <Panel title={t('audit')} actions={<ProjectAudit />}>
        <Form.Item name="follows">
          <Radio.Group
            optionType="button"
            options={[
              { value: true, label: t('audit.project') },
              { value: false, label: t('audit.own') },
            ]}
          />
        </Form.Item>
        <div hidden={follows}>
          <AuditFields />
        </div>
      </Panel>
    </Form>
  )
}

function Routing({ service, mirrored }: { service: ServiceDetail; mirrored: boolean }) {
  const t = useText(text)
  const others = useQuery(serviceList(PAGE))
  const stand = (others.data?.items ?? [])
    .filter(({ id, llm }) => llm && id !== service.id)
    .map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))
  const versions = service.items.map(({ id, name }) => ({ value: id, label: name }))
  return (
    <>
      <div className="services-pair">
        <Form.Item name="retries" label={t('retries')} extra={t('retries.hint')}>
          <InputNumber<number> min={0} max={5} precision={0} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="fallbacks" label={t('fallbacks')} extra={t('fallbacks.hint')}>
          <Select
            mode="multiple"
            options={stand}
            maxCount={5}
            showSearch={{ optionFilterProp: 'label' }}
          />
        </Form.Item>
        <Form.Item
          name="prefix_affinity"
          label={t('prefix')}
          extra={t('prefix.hint')}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
        <Form.Item name="version" label={t('mirror')}>
          <Select options={[{ value: '', label: t('mirror.none') }, ...versions]} />
        </Form.Item>
        <Form.Item name="percent" label={t('mirror.percent')} hidden={!mirrored}>
          <InputNumber<number> min={0} max={100} suffix="%" style={{ width: '100%' }} />
        </Form.Item>
      </div>
      {mirrored ? <MirrorSeen service={service.id} /> : null}
    </>
  )
}
