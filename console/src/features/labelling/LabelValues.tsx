import { DeleteOutlined, DownloadOutlined, PlusOutlined, UploadOutlined } from '@ant-design/icons'
import { Button, ColorPicker, Input, Upload } from 'antd'
import type { ClipboardEvent } from 'react'
import { Problem } from '@/base/problem'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { colourAt, fromJson, toJson, type LabelValue } from './labelValue'
import { text } from './text'

export type { LabelValue } from './labelValue'

interface Props {
  id?: string
  value?: readonly LabelValue[]
  onChange?: (values: LabelValue[]) => void
}

/** Label values with their colours. A list that is pasted, or a file, becomes as many rows. */
export function LabelValues({ id, value: rows = [], onChange }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const change = (at: number, part: Partial<LabelValue>) =>
    onChange?.(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  const append = (added: readonly LabelValue[], from = rows) => {
    const known = new Set(from.map(({ name }) => name))
    const fresh = added.filter(({ name }) => name === '' || !known.has(name))
    onChange?.([
      ...from,
      ...fresh.map((one, at) => ({ ...one, colour: one.colour ?? colourAt(from.length + at) })),
    ])
  }
  const paste = (event: ClipboardEvent, at: number) => {
    const names = event.clipboardData
      .getData('text')
      .split(/[\n,;\t]+/)
      .map((name) => name.trim())
      .filter(Boolean)
    if (names.length < 2) return
    event.preventDefault()
    append(
      names.map((name) => ({ name, colour: null })),
      rows.filter((row, index) => index !== at || row.was !== undefined),
    )
  }
  const load = async (file: File) => {
    const found = fromJson(await file.text())
    if (found === null) notify.problem(new Problem(0, 'bad_file', t('labels.badFile')))
    else append(found)
  }
  return (
    <div id={id} className="label-values">
      {rows.map((row, at) => {
        const into = rows.some(({ name }, index) => index !== at && name === row.name)
        return (
          <div key={at} className="label-value">
            <ColorPicker
              size="small"
              disabledAlpha
              value={row.colour ?? undefined}
              allowClear={false}
              aria-label={t('labels.colour', { number: at + 1 })}
              onChangeComplete={(colour) =>
                change(at, { colour: colour.toHexString().slice(0, 7) })
              }
            />
            <Input
              value={row.name}
              maxLength={64}
              autoComplete="off"
              aria-label={t('labels.name', { number: at + 1 })}
              {...(row.name !== '' && into
                ? { status: row.was === undefined ? 'error' : 'warning' }
                : {})}
              onChange={(event) => change(at, { name: event.target.value })}
              onPaste={(event) => paste(event, at)}
            />
            <Button
              type="text"
              icon={<DeleteOutlined aria-hidden />}
              aria-label={t('labels.remove', { number: at + 1 })}
              onClick={() => onChange?.(rows.filter((_, index) => index !== at))}
            />
            <Renamed row={row} into={into} />
          </div>
        )
      })}
      <div className="label-group">
        <Button
          type="dashed"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => append([{ name: '', colour: null }])}
        >
          {t('labels.add')}
        </Button>
        <Upload
          accept=".json"
          showUploadList={false}
          beforeUpload={(file) => {
            void load(file)
            return false
          }}
        >
          <Button type="text" icon={<UploadOutlined aria-hidden />}>
            {t('labels.import')}
          </Button>
        </Upload>
        <Button
          type="text"
          icon={<DownloadOutlined aria-hidden />}
          disabled={rows.length === 0}
          href={`data:application/json;charset=utf-8,${encodeURIComponent(toJson(rows))}`}
          download="labels.json"
        >
          {t('labels.export')}
        </Button>
      </div>
    </div>
  )
}

/** What another name means for what is labelled already. */
function Renamed({ row, into }: { row: LabelValue; into: boolean }) {
  const t = useText(text)
  const { name, was } = row
  if (name === '' || (was === undefined && !into) || (was === name && !into)) return null
  const words =
    was === undefined
      ? t('labels.twice')
      : was === name
        ? null
        : t(into ? 'labels.merge' : 'labels.rename', { was, name })
  return words === null ? null : <small className="sw-soft">{words}</small>
}
