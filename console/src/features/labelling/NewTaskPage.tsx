import { useQuery } from '@tanstack/react-query'
import { Form, Input, Radio, Select, Skeleton, Switch, type FormInstance } from 'antd'
import { useEffect } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { datasetList, oneVersion, type Dataset } from '@/features/datasets/queries'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { KeyValueEditor, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import './labelling.css'
import { LabelValues, type LabelValue } from './LabelValues'
import { colourAt, toChange } from './labelValue'
import { OcrFields } from './ocr/OcrFields'
import type { OcrType } from './ocr/queries'
import { createTask, type LabelKind, type Task } from './queries'
import { ScenarioCards } from './ScenarioCards'
import { SchemaEditor } from './SchemaEditor'
import { LabellersField } from './SettingsTab'
import { OverlapFields } from './teams/OverlapFields'
import { text } from './text'

interface Values {
  name: string
  description: string
  tags: KeyValue[]
  kind: LabelKind | null
  dataset_id: string
  label_format: Task['label_format'] | null
  labels: LabelValue[]
  schema_text: string
  sharing: 'queue' | 'split'
  labellers: string[]
  needs_review: boolean
  ocr_type: OcrType
  ocr_service: string
  overlap: number
  overlap_percent: number
}

/** The first is proposed. */
const KINDS_OF: Partial<Record<Dataset['kind'], readonly LabelKind[]>> = {
  image_classification: ['classification'],
  object_detection: ['detection', 'tracking'],
  image_segmentation: ['segmentation'],
  object_tracking: ['tracking'],
  ocr: ['ocr'],
  llm: ['records'],
  mllm: ['records'],
}
const FORMATS_OF: Record<LabelKind, readonly Task['label_format'][]> = {
  classification: ['ti', 'folder', 'label_studio', 'cvat', 'manifest'],
  detection: ['ti', 'voc', 'coco', 'yolo', 'label_studio', 'cvat', 'manifest'],
  segmentation: ['ti', 'voc', 'coco', 'yolo', 'label_studio', 'cvat'],
  tracking: ['ti', 'cvat'],
  ocr: ['ti'],
  records: ['none'],
}
const NAME = /^[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff]*$/

/** `?dataset=` begins with a dataset, which then stays. */
export function NewTaskPage() {
  const datasets = useDatasets()
  const [query] = useSearchParams()
  const asked = query.get('dataset')
  if (datasets === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  const found = datasets.find(({ id }) => id === asked)
  return <NewTask datasets={datasets} locked={found ?? null} />
}

function NewTask({ datasets, locked }: { datasets: Dataset[]; locked: Dataset | null }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const create = useApiMutation(createTask, ['label-task', 'dataset'])
  const submit = async (values: Values) => {
    const kind = values.kind ?? kindsOf(datasets, values.dataset_id)[0] ?? null
    const made = await create.mutateAsync({
      name: values.name,
      description: values.description,
      tags: Object.fromEntries(
        values.tags.filter(({ key }) => key !== '').map(({ key, value }) => [key, value]),
      ),
      kind,
      dataset_id: values.dataset_id,
      label_format: values.label_format,
      labels: kind === 'records' || kind === 'ocr' ? [] : toChange(values.labels).labels,
      schema_text: kind === 'records' ? values.schema_text : null,
      mode: 'safe',
      sharing: values.sharing,
      labellers: values.labellers,
      needs_review: values.needs_review,
      ...(kind === 'ocr'
        ? { ocr_type: values.ocr_type, ocr_service: values.ocr_service || null }
        : {}),
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
      steps={useSteps(datasets, locked)}
      initialValues={{
        name: '',
        description: '',
        tags: [],
        kind: locked === null ? null : (KINDS_OF[locked.kind]?.[0] ?? null),
        dataset_id: locked?.id ?? '',
        label_format: locked === null ? null : formatOf(locked, KINDS_OF[locked.kind]?.[0] ?? null),
        labels: [],
        schema_text: '',
        sharing: 'queue',
        labellers: [],
        needs_review: false,
        ocr_type: 'recognition',
        ocr_service: '',
        overlap: 1,
        overlap_percent: 100,
      }}
      submitLabel={t('create')}
      onSubmit={submit}
      summary={(values) => {
        const kind = values.kind ?? null
        const dataset = datasets.find(({ id }) => id === values.dataset_id)
        return [
          { key: 'name', label: t('name'), value: values.name === '' ? null : values.name },
          { key: 'dataset', label: t('dataset'), value: dataset?.name ?? null },
          { key: 'kind', label: t('kind'), value: kind === null ? null : t(`kind.${kind}`) },
          {
            key: 'format',
            label: t('format'),
            value: values.label_format ? t(`format.${values.label_format}`) : null,
          },
          { key: 'sharing', label: t('sharing'), value: t(`sharing.${values.sharing ?? 'queue'}`) },
          { key: 'review', label: t('needsReview'), value: t(values.needs_review ? 'yes' : 'no') },
        ]
      }}
    />
  )
}

/** Those that have something to be labelled. */
function useDatasets(): Dataset[] | undefined {
  const { data } = useQuery(datasetList({ limit: 200, order: '-created_at' }))
  return data?.items.filter(
    ({ kind, state, latest_version: latest }) =>
      KINDS_OF[kind] !== undefined && state === 'available' && latest !== null,
  )
}

function kindsOf(datasets: readonly Dataset[], id: string): readonly LabelKind[] {
  const dataset = datasets.find((one) => one.id === id)
  return dataset === undefined ? [] : (KINDS_OF[dataset.kind] ?? [])
}

/** That of the dataset where the scenario knows it. */
function formatOf(dataset: Dataset | undefined, kind: LabelKind | null) {
  const possible = kind === null ? [] : FORMATS_OF[kind]
  const own = possible.find((format) => format === dataset?.label_format)
  return own ?? possible[0] ?? null
}

function useSteps(datasets: readonly Dataset[], locked: Dataset | null): FormStep<Values>[] {
  const t = useText(text)
  const needed = { required: true, message: t('needed') }
  return [
    {
      key: 'dataset',
      title: t('step.dataset'),
      fields: ['name', 'description', 'tags', 'kind', 'dataset_id', 'label_format'],
      render: (form) => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            extra={t('name.rule')}
            rules={[needed, { pattern: NAME, message: t('name.bad') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={60} />
          </Form.Item>
          <DatasetFields form={form} datasets={datasets} locked={locked} />
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea maxLength={500} showCount autoSize={{ minRows: 1, maxRows: 5 }} />
          </Form.Item>
          <Form.Item name="tags" label={t('tags')}>
            <KeyValueEditor max={50} />
          </Form.Item>
        </>
      ),
    },
    {
      key: 'what',
      title: t('step.what'),
      fields: ['labels', 'schema_text', 'ocr_type', 'ocr_service'],
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

interface DatasetProps {
  form: FormInstance<Values>
  datasets: readonly Dataset[]
  locked: Dataset | null
}

/** Scenario, dataset and format: each leaves of the others what goes with it. */
function DatasetFields({ form, datasets, locked }: DatasetProps) {
  const t = useText(text)
  const kind = Form.useWatch('kind', form) ?? null
  const id = Form.useWatch('dataset_id', form)
  const settle = (nextKind: LabelKind | null, nextId: string) => {
    const dataset = datasets.find((one) => one.id === nextId)
    form.setFieldValue('label_format', formatOf(dataset, nextKind))
    // The labels of one dataset are not those of another.
    if (nextId !== id) form.setFieldValue('labels', [])
  }
  const onKind = (next: LabelKind) => {
    const kept = kindsOf(datasets, id).includes(next) ? id : ''
    form.setFieldValue('dataset_id', kept)
    settle(next, kept)
  }
  const onDataset = (next: string) => {
    const possible = kindsOf(datasets, next)
    const chosen = kind !== null && possible.includes(kind) ? kind : (possible[0] ?? null)
    form.setFieldValue('kind', chosen)
    settle(chosen, next)
  }
  const shown = datasets.filter((one) => kind === null || (KINDS_OF[one.kind] ?? []).includes(kind))
  const formats = kind === null ? [] : FORMATS_OF[kind]
  return (
    <>
      <Form.Item name="kind" label={t('kind')} required>
        <ScenarioCards
          possible={locked === null ? null : (KINDS_OF[locked.kind] ?? [])}
          onChange={onKind}
        />
      </Form.Item>
      <Form.Item
        name="dataset_id"
        label={t('dataset')}
        rules={[{ required: true, message: t('needed') }]}
        extra={
          <>
            {t('dataset.hint')} <Link to="/datasets/new">{t('dataset.import')}</Link>
          </>
        }
      >
        <Select
          disabled={locked !== null}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('dataset')}
          onChange={onDataset}
          options={shown.map(({ id: value, name, latest_version: latest }) => ({
            value,
            label: `${name} (v${latest})`,
          }))}
        />
      </Form.Item>
      <Form.Item
        name="label_format"
        label={t('format')}
        extra={t('format.hint')}
        hidden={kind === null || kind === 'records'}
      >
        <Select
          disabled={formats.length === 1}
          options={formats.map((value) => ({ value, label: t(`format.${value}`) }))}
        />
      </Form.Item>
    </>
  )
}

function What({ form, datasets }: { form: FormInstance<Values>; datasets: readonly Dataset[] }) {
  const t = useText(text)
  const id = String(form.getFieldValue('dataset_id') ?? '')
  const dataset = datasets.find((one) => one.id === id)
  const records = kindsOf(datasets, id).includes('records')
  const { data } = useQuery({
    ...oneVersion(id, dataset?.latest_version ?? 0),
    enabled: dataset !== undefined && !records,
  })
  useEffect(() => {
    const now = form.getFieldValue('labels') as LabelValue[]
    const came = data?.label_distribution ?? []
    if (now.length > 0 || came.length === 0) return
    form.setFieldValue(
      'labels',
      came.map(({ name }, at) => ({ name, colour: colourAt(at) })),
    )
  }, [data, form])
  if (kindsOf(datasets, id).includes('ocr')) return <OcrFields />
  if (records) {
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
