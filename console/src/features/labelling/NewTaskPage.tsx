import { useQuery } from '@tanstack/react-query'
import { Form, Input, Radio, Select, Switch, type FormInstance } from 'antd'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { datasetList, type Dataset } from '@/features/datasets/queries'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { useNotify } from '@/ui/notify'
import './labelling.css'
import { LabelValues, type LabelValue } from './LabelValues'
import { createTask, type LabelKind } from './queries'
import { SchemaEditor } from './SchemaEditor'
import { LabellersField } from './SettingsTab'
import { OverlapFields } from './teams/OverlapFields'
import { text } from './text'

interface Values {
  name: string
  description: string
  dataset_id: string
  labels: LabelValue[]
  schema_text: string
  sharing: 'queue' | 'split'
  labellers: string[]
  needs_review: boolean
  overlap: number
  overlap_percent: number
}

const KIND_OF: Partial<Record<Dataset['kind'], LabelKind>> = {
  image_classification: 'classification',
  object_detection: 'detection',
  image_segmentation: 'segmentation',
  llm: 'records',
  mllm: 'records',
}
const NAME = /^[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff]*$/

/** `?dataset=` begins with a dataset. */
export function NewTaskPage() {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const [query] = useSearchParams()
  const datasets = useDatasets()
  const create = useApiMutation(createTask, ['label-task', 'dataset'])
  const submit = async (values: Values) => {
    const kind = kindOf(datasets, values.dataset_id)
    const named = values.labels.filter(({ name }) => name.trim() !== '')
    const made = await create.mutateAsync({
      name: values.name,
      description: values.description,
      tags: {},
      dataset_id: values.dataset_id,
      labels: kind === 'records' ? [] : named,
      schema_text: kind === 'records' ? values.schema_text : null,
      mode: 'safe',
      sharing: values.sharing,
      labellers: values.labellers,
      needs_review: values.needs_review,
      overlap: values.overlap,
      overlap_percent: values.overlap_percent,
    })
    notify.success(t('createdDone', { name: made.name }))
    await navigate(`/labelling/${made.id}`)
  }
  return (
    <FormPage<Values>
      title={t('new')}
      description={t('emptyHint')}
      back={{ to: '/labelling', label: t('title') }}
      steps={useSteps(datasets)}
      initialValues={{
        name: '',
        description: '',
        dataset_id: query.get('dataset') ?? '',
        labels: [],
        schema_text: '',
        sharing: 'queue',
        labellers: [],
        needs_review: false,
        overlap: 1,
        overlap_percent: 100,
      }}
      submitLabel={t('create')}
      onSubmit={submit}
      summary={(values) => {
        const kind = kindOf(datasets, values.dataset_id ?? '')
        const dataset = datasets.find(({ id }) => id === values.dataset_id)
        return [
          { key: 'name', label: t('name'), value: values.name === '' ? null : values.name },
          { key: 'dataset', label: t('dataset'), value: dataset?.name ?? null },
          { key: 'kind', label: t('kind'), value: kind === null ? null : t(`kind.${kind}`) },
          { key: 'sharing', label: t('sharing'), value: t(`sharing.${values.sharing ?? 'queue'}`) },
          { key: 'review', label: t('needsReview'), value: t(values.needs_review ? 'yes' : 'no') },
        ]
      }}
    />
  )
}

function useDatasets(): Dataset[] {
  const { data } = useQuery(datasetList({ limit: 200, order: '-created_at' }))
  return (data?.items ?? []).filter(
    ({ kind, latest_version: latest }) => KIND_OF[kind] !== undefined && latest !== null,
  )
}

function kindOf(datasets: readonly Dataset[], id: string): LabelKind | null {
  const dataset = datasets.find((one) => one.id === id)
  return dataset === undefined ? null : (KIND_OF[dataset.kind] ?? null)
}

function useSteps(datasets: readonly Dataset[]): FormStep<Values>[] {
  const t = useText(text)
  const needed = { required: true, message: t('needed') }
  return [
    {
      key: 'dataset',
      title: t('step.dataset'),
      fields: ['name', 'description', 'dataset_id'],
      render: () => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            extra={t('name.rule')}
            rules={[needed, { pattern: NAME, message: t('name.bad') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={60} />
          </Form.Item>
          <Form.Item
            name="dataset_id"
            label={t('dataset')}
            rules={[needed]}
            extra={
              <>
                {t('dataset.hint')} <Link to="/datasets/new">{t('dataset.import')}</Link>
              </>
            }
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={t('dataset')}
              options={datasets.map(({ id, name, latest_version: latest }) => ({
                value: id,
                label: `${name} (v${latest})`,
              }))}
            />
          </Form.Item>
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea maxLength={500} showCount autoSize={{ minRows: 1, maxRows: 5 }} />
          </Form.Item>
        </>
      ),
    },
    {
      key: 'what',
      title: t('step.what'),
      fields: ['labels', 'schema_text'],
      render: (form) => <What form={form} datasets={datasets} />,
    },
    {
      key: 'who',
      title: t('step.who'),
      fields: ['labellers', 'sharing', 'needs_review', 'overlap', 'overlap_percent'],
      render: () => <Who />,
    },
  ]
}

function What({ form, datasets }: { form: FormInstance<Values>; datasets: readonly Dataset[] }) {
  const t = useText(text)
  const id = String(form.getFieldValue('dataset_id') ?? '')
  if (kindOf(datasets, id) === 'records') {
    return (
      <Form.Item
        name="schema_text"
        label={t('schema')}
        rules={[{ required: true, message: t('needed') }]}
      >
        <SchemaEditor datasetId={id} />
      </Form.Item>
    )
  }
  return (
    <Form.Item name="labels" label={t('labels')} extra={t('labels.hint')}>
      <LabelValues />
    </Form.Item>
  )
}

function Who() {
  const t = useText(text)
  return (
    <>
      <LabellersField />
      <Form.Item name="sharing" label={t('sharing')}>
        <Radio.Group
          options={(['queue', 'split'] as const).map((value) => ({
            value,
            label: `${t(`sharing.${value}`)}: ${t(`sharing.${value}.hint`)}`,
          }))}
          vertical
        />
      </Form.Item>
      <Form.Item
        name="needs_review"
        label={t('needsReview')}
        extra={t('needsReview.hint')}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
      <OverlapFields />
    </>
  )
}
