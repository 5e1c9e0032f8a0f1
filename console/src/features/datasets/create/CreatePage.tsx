import { Form, Input, Switch, type FormInstance } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import type { Fact } from '@/ui/Facts'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { KeyValueEditor } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import '../datasets.css'
import { ALL_KINDS, KINDS } from '../kinds'
import { LabelsField } from '../LabelsField'
import { NAME, nameFrom } from '../name'
import { PlaceField } from '../place/PlaceField'
import { createDataset } from '../queries'
import { KindName } from '../Samples'
import { text as shared } from '../text'
import { FormatStep } from './FormatStep'
import { KindField } from './KindField'
import { outputFor, SourceStep } from './SourceStep'
import { text } from './text'
import { EMPTY_BATCH } from './uploadBatch'
import { useField } from './useField'
import { FIRST, hasOutput, overlap, toForm, type Values } from './values'

/** `/datasets/new?kind=&address=`: links from elsewhere may fill in what they know. */
export function CreatePage() {
  const t = useText(text)
  const s = useText(shared)
  const navigate = useNavigate()
  const notify = useNotify()
  const create = useApiMutation(createDataset, ['dataset'])
  const submit = async (values: Values) => {
    const { id, name } = await create.mutateAsync(toForm(values))
    notify.success(t('made', { name }))
    void navigate(`/datasets/${id}`)
  }
  return (
    <FormPage<Values>
      title={s('new')}
      back={{ to: '/datasets', label: s('title') }}
      steps={useSteps()}
      initialValues={useFirstValues()}
      submitLabel={t('create')}
      onSubmit={submit}
      summary={useSummary()}
    />
  )
}

function useFirstValues(): Values {
  const [query] = useSearchParams()
  const kind = ALL_KINDS.find((one) => one === query.get('kind')) ?? FIRST.kind
  const address = query.get('address') ?? ''
  return {
    ...FIRST,
    kind,
    address,
    label_format: KINDS[kind].labelFormats[0] ?? 'none',
    place: address === '' ? 'upload' : 'storage',
    name: nameFrom(address),
    output_address: address === '' ? '' : outputFor(address),
  }
}

function useSteps(): FormStep<Values>[] {
  const t = useText(text)
  const [batch, setBatch] = useState(EMPTY_BATCH)
  return [
    {
      key: 'kind',
      title: t('step.kind'),
      description: t('kind.lead'),
      fields: ['kind'],
      render: (form) => (
        <Form.Item name="kind">
          <KindChoice form={form} />
        </Form.Item>
      ),
    },
    {
      key: 'source',
      title: t('step.source'),
      fields: ['place', 'address'],
      render: (form) => <SourceStep form={form} batch={batch} onBatch={setBatch} />,
    },
    {
      key: 'format',
      title: t('step.format'),
      fields: ['label_format', 'has_header', 'own_columns', 'columns', 'table'],
      render: (form) => <FormatStep form={form} />,
    },
    {
      key: 'review',
      title: t('step.review'),
      fields: ['name', 'description', 'labels', 'tags', 'output_address', 'preview'],
      render: (form) => <NameStep form={form} />,
    },
  ]
}

interface ChoiceProps {
  form: FormInstance<Values>
  id?: string
  value?: Values['kind']
  onChange?: (kind: Values['kind']) => void
}

/** A new kind brings its own first label format. */
function KindChoice({ form, onChange, ...field }: ChoiceProps) {
  return (
    <KindField
      {...field}
      onChange={(kind) => {
        onChange?.(kind)
        form.setFieldValue('label_format', KINDS[kind].labelFormats[0])
      }}
    />
  )
}

function NameStep({ form }: { form: FormInstance<Values> }) {
  const s = useText(shared)
  return (
    <>
      <Form.Item
        name="name"
        label={s('name')}
        extra={s('nameRule')}
        rules={[
          { required: true, message: s('needed') },
          { pattern: NAME, message: s('nameWrong') },
        ]}
      >
        <Input autoComplete="off" maxLength={60} showCount />
      </Form.Item>
      <Form.Item name="description" label={s('description')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      <OutputField form={form} />
      <LabelsField />
      <Form.Item name="tags" label={s('tags')}>
        <KeyValueEditor max={50} />
      </Form.Item>
      <Form.Item
        name="preview"
        label={s('preview')}
        extra={s('previewHint')}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
    </>
  )
}

function OutputField({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const s = useText(shared)
  const kind = useField(form, 'kind')
  const address = useField(form, 'address')
  if (!hasOutput(kind)) return null
  const check = (_: unknown, output: string) =>
    overlap(output, address) ? Promise.reject(new Error(t('output.inside'))) : Promise.resolve()
  return (
    <Form.Item
      name="output_address"
      label={s('output')}
      extra={s('outputHint')}
      rules={[{ required: true, message: t('output.needed') }, { validator: check }]}
    >
      <PlaceField />
    </Form.Item>
  )
}

function useSummary(): (values: Partial<Values>) => Fact[] {
  const t = useText(text)
  const s = useText(shared)
  return (values) => {
    const { kind = 'llm', address = '', label_format: format = 'none', columns = [] } = values
    const named = values.own_columns === true || values.has_header === false
    return [
      { key: 'kind', label: t('summary.kind'), value: <KindName kind={kind} /> },
      {
        key: 'source',
        label: t('summary.source'),
        value:
          address === '' ? <span className="sw-faint">{t('none')}</span> : <code>{address}</code>,
      },
      ...(KINDS[kind].labelFormats.length > 1
        ? [{ key: 'format', label: t('summary.format'), value: s(`format.${format}`) }]
        : []),
      ...(kind === 'table'
        ? [
            {
              key: 'table',
              label: t('summary.table'),
              value: named ? columns.map(({ name }) => name).join(', ') : t('summary.auto'),
            },
          ]
        : []),
      { key: 'name', label: t('summary.name'), value: values.name === '' ? null : values.name },
    ]
  }
}
