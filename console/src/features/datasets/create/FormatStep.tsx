import { DownloadOutlined } from '@ant-design/icons'
import { Button, Form, Radio, Switch, type FormInstance } from 'antd'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { KINDS, type Kind, type LabelFormat } from '../kinds'
import { exampleUrl } from '../queries'
import { text as shared } from '../text'
import { ColumnsField } from './ColumnsField'
import { layoutOf } from './layouts'
import { text } from './text'
import { useField } from './useField'
import type { Values } from './values'

/** How the files are to be read, with a drawing of what is expected. */
export function FormatStep({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const kind = useField(form, 'kind')
  const format = useField(form, 'label_format')
  const formats = KINDS[kind].labelFormats
  const lead = kind === 'llm' || kind === 'mllm' || kind === 'other' ? t(`format.${kind}`) : null
  return (
    <>
      <Form.Item
        name="label_format"
        label={t('format.labels')}
        hidden={formats.length === 1}
        required
      >
        <FormatField formats={formats} />
      </Form.Item>
      {kind === 'table' ? <TableOptions form={form} /> : null}
      {lead === null ? null : <p className="sw-soft">{lead}</p>}
      <LayoutDiagram kind={kind} format={formats.includes(format) ? format : 'none'} />
    </>
  )
}

interface FieldProps {
  id?: string
  value?: LabelFormat
  onChange?: (format: LabelFormat) => void
  formats: readonly LabelFormat[]
}

function FormatField({ id, value, onChange, formats }: FieldProps) {
  const t = useText(text)
  const s = useText(shared)
  return (
    <Radio.Group
      id={id}
      className="datasets-kinds"
      value={value}
      onChange={(event) => onChange?.(event.target.value as LabelFormat)}
    >
      {formats.map((format) => (
        <Radio key={format} value={format}>
          <span className="sw-strong">{s(`format.${format}`)}</span>
          <small>{t(`format.${format}.hint`)}</small>
        </Radio>
      ))}
    </Radio.Group>
  )
}

export function LayoutDiagram({ kind, format }: { kind: Kind; format: LabelFormat }) {
  const t = useText(text)
  const { tree, example } = layoutOf(kind, format)
  return (
    <div className="datasets-layout">
      <figure>
        <figcaption>{t('format.layout')}</figcaption>
        <pre className="datasets-tree">{tree}</pre>
        {format === 'none' ? null : (
          <Button
            size="small"
            icon={<DownloadOutlined aria-hidden />}
            href={exampleUrl(kind, format)}
            download
          >
            {t('format.download')}
          </Button>
        )}
      </figure>
      {example ? (
        <figure>
          <figcaption>{t('format.example', { file: example.file })}</figcaption>
          <CodeBlock
            maxHeight={300}
            samples={[{ language: example.language, code: example.code }]}
          />
        </figure>
      ) : null}
    </div>
  )
}

function TableOptions({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const header = useField(form, 'has_header')
  const own = useField(form, 'own_columns')
  return (
    <>
      <Form.Item name="has_header" label={t('table.header')} valuePropName="checked" required>
        <Switch />
      </Form.Item>
      <Form.Item
        name="own_columns"
        label={t('table.own')}
        extra={t('table.ownHint')}
        valuePropName="checked"
        hidden={!header}
        required
      >
        <Switch />
      </Form.Item>
      {own || !header ? <ColumnsField form={form} /> : null}
    </>
  )
}
