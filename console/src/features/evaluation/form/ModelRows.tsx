import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Collapse, Form, Input, InputNumber, Select, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { FolderPicker, VersionPicker } from '@/features/services/form/SourceField'
import { serviceChoices } from '../queries'
import { text } from './text'
import { freshModel, parameters, type Values } from './values'

const KINDS = ['service', 'model_version', 'storage', 'third_party'] as const
type Kind = (typeof KINDS)[number]

/** The models to ask: of services, of the repository, of a folder, or of somebody else. */
export function ModelRows({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  return (
    <Form.List
      name="models"
      rules={[{ validator: (_, rows: unknown[]) => someOf(rows, t('atLeastOne')) }]}
    >
      {(rows, { add, remove }, { errors }) => (
        <>
          {rows.map(({ key, name }) => (
            <div key={key} className="evaluation-row">
              <ModelRow form={form} at={name} />
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
            disabled={rows.length >= 20}
            onClick={() => add(freshModel())}
          >
            {t('addModel')}
          </Button>
        </>
      )}
    </Form.List>
  )
}

export function someOf(rows: unknown[], message: string): Promise<void> {
  return rows.length > 0 ? Promise.resolve() : Promise.reject(new Error(message))
}

function ModelRow({ form, at }: { form: FormInstance<Values>; at: number }) {
  const t = useText(text)
  const kind = Form.useWatch(['models', at, 'kind'], { form, preserve: true }) as Kind | undefined
  return (
    <>
      <div className="evaluation-fields">
        <Form.Item name={[at, 'kind']} label={t('source')} required>
          <Select
            onChange={() => form.setFieldValue(['models', at, 'ref'], '')}
            options={KINDS.map((value) => ({ value, label: t(`source.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name={[at, 'name']} label={t('label')} extra={t('label.hint')}>
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
      </div>
      <Source kind={kind ?? 'service'} at={at} />
      <Collapse
        ghost
        size="small"
        items={[{ key: 'more', label: t('more'), forceRender: true, children: <Tuning at={at} /> }]}
      />
    </>
  )
}

function Source({ kind, at }: { kind: Kind; at: number }) {
  const t = useText(text)
  const needed = [{ required: true, message: t('needed') }]
  if (kind === 'third_party') {
    return (
      <div className="evaluation-fields">
        <Form.Item name={[at, 'base_url']} label={t('url')} extra={t('url.hint')} rules={needed}>
          <Input className="sw-mono" placeholder="https://" autoComplete="off" />
        </Form.Item>
        <Form.Item name={[at, 'model']} label={t('model')} rules={needed}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name={[at, 'api_key']} label={t('key')} extra={t('key.hint')}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </div>
    )
  }
  const words = { service: 'service', model_version: 'version', storage: 'folder' } as const
  return (
    <Form.Item key={kind} name={[at, 'ref']} label={t(words[kind])} rules={needed}>
      <Reference kind={kind} />
    </Form.Item>
  )
}

interface ReferenceProps {
  id?: string
  kind: Exclude<Kind, 'third_party'>
  value?: string
  onChange?: (value: string) => void
}

function Reference({ id, kind, value = '', onChange = () => undefined }: ReferenceProps) {
  const t = useText(text)
  const { data } = useQuery({ ...serviceChoices(), enabled: kind === 'service' })
  if (kind === 'model_version') return <VersionPicker value={value} onChange={onChange} />
  if (kind === 'storage') return <FolderPicker value={value} onChange={onChange} />
  return (
    <Select
      id={id}
      aria-label={t('service')}
      placeholder={t('service')}
      notFoundContent={t('service.none')}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next)}
      options={(data ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${one.id}` }))}
    />
  )
}

function Tuning({ at }: { at: number }) {
  const t = useText(text)
  return (
    <>
      <Form.Item
        name={[at, 'params']}
        label={t('params')}
        extra={t('params.hint')}
        rules={[
          {
            validator: (_, written: string) =>
              parameters(written) === null
                ? Promise.reject(new Error(t('params.bad')))
                : Promise.resolve(),
          },
        ]}
      >
        <Input.TextArea className="sw-mono" autoSize={{ minRows: 1, maxRows: 6 }} />
      </Form.Item>
      <div className="evaluation-fields">
        <Form.Item name={[at, 'concurrency']} label={t('concurrency')}>
          <InputNumber<number> min={1} max={1024} precision={0} />
        </Form.Item>
        <Form.Item name={[at, 'retries']} label={t('retries')}>
          <InputNumber<number> min={0} max={100} precision={0} />
        </Form.Item>
        <Form.Item name={[at, 'max_model_len']} label={t('maxLength')}>
          <InputNumber<number> min={1} precision={0} />
        </Form.Item>
      </div>
    </>
  )
}
