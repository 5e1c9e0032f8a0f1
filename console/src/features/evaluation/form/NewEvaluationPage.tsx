import { useQuery } from '@tanstack/react-query'
import { Checkbox, Form, Input, InputNumber, Select, Skeleton } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { formatBytes } from '@/base/format'
import { useText, type KeyOf, type Translate } from '@/base/text'
import { AmountFields } from '@/features/resources/AmountFields'
import { FreeCards } from '@/features/resources/FreeCards'
import { GroupField } from '@/features/resources/GroupField'
import type { Fact } from '@/ui/Facts'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import '../evaluation.css'
import { createEvaluation, METRICS, oneEvaluation } from '../queries'
import { text as words } from '../text'
import { ModelRows } from './ModelRows'
import { SetRows } from './SetRows'
import { text } from './text'
import { copiedValues, evaluationForm, freshModel, freshValues, USUAL, type Values } from './values'

const NAME = /^[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff]*$/
const TOKENIZERS = ['auto', 'char', 'jieba', 'word'] as const

/** `?copy=` begins with another evaluation; `?version=`, `?checkpoint=`, `?service=` bring a model along. */
export function NewEvaluationPage() {
  const [query] = useSearchParams()
  const copy = query.get('copy') ?? ''
  const old = useQuery({ ...oneEvaluation(copy), enabled: copy !== '' })
  if (copy !== '' && old.isPending) return <Skeleton active paragraph={{ rows: 8 }} />
  if (old.data !== undefined) {
    return <NewEvaluation start={copiedValues(old.data.spec, old.data.name)} />
  }
  const version = query.get('version')
  const checkpoint = query.get('checkpoint')
  const service = query.get('service')
  const brought =
    version !== null
      ? { kind: 'model_version' as const, ref: version }
      : checkpoint !== null
        ? {
            kind: 'storage' as const,
            ref: checkpoint,
            task_id: query.get('task') ?? '',
            task_name: query.get('task_name') ?? '',
          }
        : { kind: 'service' as const, ref: service ?? '' }
  return <NewEvaluation start={{ ...freshValues(), models: [{ ...freshModel(), ...brought }] }} />
}

function NewEvaluation({ start }: { start: Values }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const create = useApiMutation(createEvaluation, ['evaluation', 'queue', 'resource-group'])
  const submit = async (values: Values) => {
    const made = await create.mutateAsync(evaluationForm(values))
    notify.success(t('created', { name: made.name }))
    await navigate(`/evaluations/${made.id}/progress`)
  }
  return (
    <FormPage<Values>
      title={t('title')}
      description={t('lead')}
      back={{ to: '/evaluations', label: t('back') }}
      steps={useSteps()}
      initialValues={start}
      submitLabel={t('create')}
      onSubmit={submit}
      summary={useSummary()}
    />
  )
}

function useSteps(): FormStep<Values>[] {
  const t = useText(text)
  return [
    {
      key: 'models',
      title: t('step.models'),
      fields: ['name', 'description', 'models'],
      render: (form) => (
        <>
          <NameFields />
          <ModelRows form={form} />
        </>
      ),
    },
    {
      key: 'sets',
      title: t('step.sets'),
      fields: ['sets'],
      render: (form) => <SetRows form={form} />,
    },
    {
      key: 'settings',
      title: t('step.settings'),
      fields: [
        'metrics',
        'tokenizer',
        'seed',
        'cpu_cores',
        'memory_bytes',
        'gpus',
        'gpu_model',
        'resource_group',
        'tags',
      ],
      render: () => <Settings />,
    },
  ]
}

function NameFields() {
  const t = useText(text)
  return (
    <>
      <Form.Item
        name="name"
        label={t('name')}
        extra={t('name.rule')}
        rules={[
          { required: true, message: t('needed') },
          { pattern: NAME, message: t('name.bad') },
        ]}
      >
        <Input autoFocus autoComplete="off" maxLength={256} />
      </Form.Item>
      <Form.Item name="description" label={t('description')}>
        <Input.TextArea maxLength={500} showCount autoSize={{ minRows: 1, maxRows: 6 }} />
      </Form.Item>
    </>
  )
}

type SumText = Translate<KeyOf<typeof text>>

/** Where the group gives by the cards, nothing is said of cores and memory. */
function amountSum({ cpu_cores, memory_bytes, gpus }: Values, t: SumText): string {
  return [
    ...(cpu_cores > 0 ? [t('sum.cores', { count: cpu_cores }), formatBytes(memory_bytes)] : []),
    ...(gpus > 0 ? [t('sum.gpus', { count: gpus })] : []),
  ].join(' · ')
}

function Settings() {
  const t = useText(text)
  const w = useText(words)
  const needed = [{ required: true, message: t('needed') }]
  const group = Form.useWatch<string | undefined>('resource_group')
  return (
    <>
      <Form.Item name="metrics" label={t('metrics')} rules={needed}>
        <Checkbox.Group options={METRICS.map((value) => ({ value, label: w(value) }))} />
      </Form.Item>
      <div className="evaluation-fields">
        <Form.Item name="tokenizer" label={t('tokenizer')} required>
          <Select
            options={TOKENIZERS.map((value) => ({ value, label: t(`tokenizer.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="seed" label={t('seed')}>
          <InputNumber<number> min={0} precision={0} />
        </Form.Item>
      </div>
      <p className="sw-soft">{t('resources.hint')}</p>
      <GroupField />
      {group === undefined ? null : <FreeCards groupId={group} />}
      <div className="evaluation-fields">
        <AmountFields groupId={group} usual={USUAL} />
      </div>
      <Form.Item name="tags" label={t('tags')}>
        <KeyValueEditor max={50} />
      </Form.Item>
    </>
  )
}

function useSummary(): (values: Partial<Values>) => Fact[] {
  const t = useText(text)
  const w = useText(words)
  return (partial) => {
    const values = { ...freshValues(), ...partial }
    const models = values.models.map(
      (one) => one.name || (one.kind === 'third_party' ? one.model : one.ref),
    )
    const sets = values.sets.map(({ name, ref }) => name || ref)
    return [
      { key: 'name', label: t('name'), value: values.name || null },
      { key: 'models', label: t('sum.models'), value: models.filter(Boolean).join(', ') || null },
      { key: 'sets', label: t('sum.sets'), value: sets.filter(Boolean).join(', ') || null },
      {
        key: 'metrics',
        label: t('sum.metrics'),
        value: values.metrics.map((metric) => w(metric)).join(', ') || null,
      },
      {
        key: 'resources',
        label: t('sum.resources'),
        value: amountSum(values, t),
      },
    ]
  }
}
