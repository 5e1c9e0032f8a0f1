import { useQuery } from '@tanstack/react-query'
import { Alert, Collapse, Form, Input, Segmented, Select, Switch, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { NAME } from '@/features/datasets/name'
import { Sentence } from '@/ui/Sentence'
import { environmentOptions, presetList, type Preset } from '../queries'
import { text } from './text'
import { FIRST, presetValues, type Values } from './values'

interface Props {
  form: FormInstance<Values>
  /** Whether it gets a name of its own. */
  named: boolean
}

export function SourceStep({ form, named }: Props) {
  const t = useText(text)
  const { data } = useQuery(environmentOptions())
  const noImages = data?.images_unavailable ?? null
  const watched = Form.useWatch('kind', { form, preserve: true }) as Values['kind'] | undefined
  const kind = watched ?? FIRST.kind
  return (
    <>
      {data?.no_space ? (
        <Alert type="warning" showIcon title={<Sentence of={data.no_space} />} />
      ) : null}
      {named ? (
        <Form.Item
          name="name"
          label={t('name')}
          extra={t('nameRule')}
          rules={[
            { required: true, message: t('needed') },
            { pattern: NAME, message: t('nameWrong') },
          ]}
        >
          <Input autoComplete="off" maxLength={60} showCount />
        </Form.Item>
      ) : null}
      <Form.Item
        name="kind"
        label={t('kind')}
        extra={noImages === null ? null : <Sentence of={noImages} />}
        required
      >
        <Segmented
          options={[
            { value: 'python', label: t('kind.python') },
            {
              value: 'image',
              label: t('kind.image'),
              disabled: noImages !== null,
            },
          ]}
        />
      </Form.Item>
      {kind === 'image' ? <ImageFields /> : <PythonFields form={form} />}
    </>
  )
}

/** Fills the form from a locked set; what was typed as requirements gives way. */
function PresetField({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const { data } = useQuery(presetList())
  const written = Form.useWatch('requirements', { form, preserve: true }) as string | undefined
  const noteOf = (one: Preset | undefined) =>
    one?.id === 'pytorch' || one?.id === 'pmml' ? t(`preset.note.${one.id}`) : t('preset.hint')
  const chosen = data?.items.find(({ requirements }) => requirements === written)
  return (
    <Form.Item label={t('preset')} extra={noteOf(chosen)}>
      <Select
        allowClear
        aria-label={t('preset')}
        placeholder={t('preset.none')}
        value={chosen?.id ?? null}
        onChange={(id?: string) => {
          const found = data?.items.find((one) => one.id === id)
          form.setFieldsValue(found === undefined ? { requirements: '' } : presetValues(found))
        }}
        options={(data?.items ?? []).map(({ id, name, hardware, aliases }) => ({
          value: id,
          label: `${name} · ${hardware.join(', ').toUpperCase()}`,
          hint: [id, ...aliases].join(', '),
        }))}
        optionRender={({ data: { label, hint } }) => (
          <span className="sw-menu-label">
            {label}
            <small className="sw-faint">{hint}</small>
          </span>
        )}
      />
    </Form.Item>
  )
}

function PythonFields({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const { data } = useQuery(environmentOptions())
  return (
    <>
      <PresetField form={form} />
      <Form.Item name="python" label={t('python')} extra={t('python.hint')} required>
        <Select
          options={[
            { value: '', label: data?.own_python ?? '…' },
            ...(data?.pythons ?? [])
              .filter((version) => version !== data?.own_python)
              .map((version) => ({ value: version, label: version })),
          ]}
        />
      </Form.Item>
      <Form.Item name="requirements" label={t('requirements')} extra={t('requirements.hint')}>
        <Editor rows={10} placeholder={'numpy==2.1.0\nscikit-learn>=1.5'} />
      </Form.Item>
      <Form.Item
        name="on_platform"
        label={t('onPlatform')}
        extra={t('onPlatform.hint', { version: data?.own_python ?? '' })}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
      <Collapse
        ghost
        items={[
          {
            key: 'more',
            label: t('constraints.show'),
            forceRender: true,
            children: (
              <>
                <Form.Item
                  name="constraints"
                  label={t('constraints')}
                  extra={t('constraints.hint')}
                >
                  <Editor rows={4} placeholder="scipy<1.15" />
                </Form.Item>
                <Form.Item name="index_url" label={t('index')} extra={t('index.hint')}>
                  <Input className="sw-mono" placeholder="https://pypi.org/simple" />
                </Form.Item>
                <CredentialFields />
              </>
            ),
          },
        ]}
      />
    </>
  )
}

function ImageFields() {
  const t = useText(text)
  return (
    <>
      <Form.Item
        name="image"
        label={t('image')}
        extra={t('image.hint')}
        rules={[{ required: true, message: t('needed') }]}
      >
        <Input className="sw-mono" placeholder="registry.example.com/team/name:tag" />
      </Form.Item>
      <CredentialFields />
    </>
  )
}

function CredentialFields() {
  const t = useText(text)
  return (
    <>
      <Form.Item name="user" label={t('user')}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item name="password" label={t('password')} extra={t('credentials.hint')}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  )
}

interface EditorProps {
  id?: string
  value?: string
  onChange?: (value: string) => void
  rows: number
  placeholder: string
}

function Editor({ id, value = '', onChange, rows, placeholder }: EditorProps) {
  return (
    <Input.TextArea
      id={id}
      className="sw-mono"
      spellCheck={false}
      autoSize={{ minRows: rows, maxRows: 24 }}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange?.(event.target.value)}
    />
  )
}
