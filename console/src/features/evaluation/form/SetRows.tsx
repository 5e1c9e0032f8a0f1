import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Collapse, Form, Input, InputNumber, Select, type FormInstance } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { FolderPicker } from '@/features/services/form/SourceField'
import { datasetVersions } from '@/features/training/sources'
import { questionSets } from '../queries'
import { someOf } from './ModelRows'
import { text } from './text'
import { freshSet, type Values } from './values'

const KINDS = ['dataset', 'storage'] as const
type Kind = (typeof KINDS)[number]

/** The questions: of a dataset, or of a file. */
export function SetRows({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  return (
    <Form.List
      name="sets"
      rules={[{ validator: (_, rows: unknown[]) => someOf(rows, t('atLeastOne')) }]}
    >
      {(rows, { add, remove }, { errors }) => (
        <>
          {rows.map(({ key, name }) => (
            <div key={key} className="evaluation-row">
              <SetRow form={form} at={name} />
              <Button
                className="evaluation-row-remove"
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={`${t('remove')} ${name + 1}`}
                disabled={rows.length < 2}
                onClick={() => remove(name)}
              />
            </div>
          ))}
          <Form.ErrorList errors={errors} />
          <Button
            type="dashed"
            icon={<PlusOutlined aria-hidden />}
            disabled={rows.length >= 50}
            onClick={() => add(freshSet())}
          >
            {t('addSet')}
          </Button>
        </>
      )}
    </Form.List>
  )
}

function SetRow({ form, at }: { form: FormInstance<Values>; at: number }) {
  const t = useText(text)
  const kind = Form.useWatch(['sets', at, 'kind'], { form, preserve: true }) as Kind | undefined
  const ref = Form.useWatch(['sets', at, 'ref'], { form, preserve: true }) as string | undefined
  const needed = [{ required: true, message: t('needed') }]
  return (
    <>
      <div className="evaluation-fields">
        <Form.Item name={[at, 'kind']} label={t('source')} required>
          <Select
            onChange={() => form.setFieldValue(['sets', at, 'ref'], '')}
            options={KINDS.map((value) => ({ value, label: t(`set.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name={[at, 'name']} label={t('label')} extra={t('label.hint')}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item
          key={kind}
          name={[at, 'ref']}
          label={t(kind === 'storage' ? 'file' : 'dataset')}
          rules={needed}
        >
          <SetReference kind={kind ?? 'dataset'} />
        </Form.Item>
        {kind === 'dataset' ? (
          <Form.Item name={[at, 'version']} label={t('datasetVersion')}>
            <VersionSelect dataset={ref ?? ''} />
          </Form.Item>
        ) : null}
      </div>
      <Collapse
        ghost
        size="small"
        items={[{ key: 'more', label: t('more'), forceRender: true, children: <More at={at} /> }]}
      />
    </>
  )
}

interface FieldProps<Value> {
  id?: string
  value?: Value
  onChange?: (value: Value) => void
}

function SetReference(props: FieldProps<string> & { kind: Kind }) {
  const { id, kind, value = '', onChange = () => undefined } = props
  const t = useText(text)
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery({ ...questionSets(search), enabled: kind === 'dataset' })
  if (kind === 'storage') return <FolderPicker value={value} onChange={onChange} />
  return (
    <Select
      id={id}
      aria-label={t('dataset')}
      placeholder={t('dataset')}
      showSearch={{ filterOption: false, onSearch: setSearch }}
      loading={isFetching}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next)}
      options={(data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
    />
  )
}

function VersionSelect(props: FieldProps<number | null> & { dataset: string }) {
  const { id, dataset, value, onChange } = props
  const t = useText(text)
  const { data } = useQuery({ ...datasetVersions(dataset), enabled: dataset !== '' })
  return (
    <Select
      id={id}
      value={value ?? 0}
      onChange={(number: number) => onChange?.(number === 0 ? null : number)}
      options={[
        { value: 0, label: t('datasetVersion.newest') },
        ...(data?.items ?? []).map(({ number, name }) => ({ value: number, label: name })),
      ]}
    />
  )
}

function More({ at }: { at: number }) {
  const t = useText(text)
  return (
    <>
      <Form.Item name={[at, 'limit']} label={t('limit')} extra={t('limit.hint')}>
        <InputNumber<number> min={1} precision={0} />
      </Form.Item>
      <Form.Item name={[at, 'system']} label={t('system')}>
        <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} />
      </Form.Item>
      <Form.Item
        name={[at, 'template']}
        label={t('template')}
        extra={t('template.hint')}
        rules={[
          {
            validator: (_, written: string | null | undefined) =>
              !written || written.includes('{prompt}')
                ? Promise.resolve()
                : Promise.reject(new Error(t('template.bad'))),
          },
        ]}
      >
        <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} />
      </Form.Item>
    </>
  )
}
