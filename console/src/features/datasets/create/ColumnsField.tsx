import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, Select, type FormInstance } from 'antd'
import { requestHeaders, problemFrom } from '@/api/client'
import type { Schema } from '@/api/types'
import { useText } from '@/base/text'
import { objectUrl } from '@/features/storage/queries'
import { ActionButton } from '@/ui/actions'
import { pageText } from '../pageText'
import { text as shared } from '../text'
import { proposeColumns } from './csv'
import { text } from './text'
import { useField } from './useField'
import type { Values } from './values'

const TYPES = ['string', 'int', 'float', 'bool'] as const
const READ_BYTES = 64 * 1024

/** Names and types of a table's columns, in order; proposed from the file where it can be read. */
export function ColumnsField({ form }: { form: FormInstance<Values> }) {
  const t = useText(text)
  const s = useText(shared)
  const p = useText(pageText)
  const header = useField(form, 'has_header')
  const address = useField(form, 'address')
  const unique = (_: unknown, rows: Schema<'ColumnForm'>[] = []) => {
    const names = rows.map(({ name }) => name)
    if (!header && names.length === 0) return Promise.reject(new Error(t('table.noHeader')))
    if (new Set(names).size < names.length) return Promise.reject(new Error(t('table.twice')))
    return Promise.resolve()
  }
  return (
    <Form.Item label={t('table.columns')} extra={header ? null : t('table.noHeader')} required>
      <Form.List name="columns" rules={[{ validator: unique }]}>
        {(fields, { add, remove }, { errors }) => (
          <div className="datasets-columns">
            {fields.map(({ key, name }) => (
              <span key={key} className="sw-row">
                <Form.Item name={[name, 'name']} rules={[{ required: true, message: s('needed') }]}>
                  <Input aria-label={t('table.name')} placeholder={t('table.name')} />
                </Form.Item>
                <Form.Item name={[name, 'type']}>
                  <Select
                    aria-label={t('table.type')}
                    style={{ width: 130 }}
                    options={TYPES.map((type) => ({ value: type, label: p(`type.${type}`) }))}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<DeleteOutlined aria-hidden />}
                  aria-label={s('delete')}
                  onClick={() => remove(name)}
                />
              </span>
            ))}
            <Form.ErrorList errors={errors} />
            <span className="sw-row">
              <Button
                type="dashed"
                icon={<PlusOutlined aria-hidden />}
                onClick={() => add({ name: '', type: 'string' })}
              >
                {t('table.add')}
              </Button>
              <ActionButton
                action={{
                  key: 'read',
                  label: t('table.read'),
                  blocked: /\.csv$/i.test(address) ? null : t('table.notRead'),
                  run: async () =>
                    form.setFieldValue('columns', proposeColumns(await readStart(address), header)),
                }}
              />
            </span>
          </div>
        )}
      </Form.List>
    </Form.Item>
  )
}

async function readStart(address: string): Promise<string> {
  const [bucket = '', ...parts] = address.split('/')
  const response = await fetch(objectUrl(bucket, parts.join('/'), false), {
    headers: { ...requestHeaders('GET'), Range: `bytes=0-${READ_BYTES - 1}` },
  })
  if (!response.ok) throw problemFrom(response.status, await response.json().catch(() => null))
  return response.text()
}
