import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { parseDelimited } from './delimited'
import { text } from './text'

const ROWS = 200

interface Line {
  index: number
  cells: string[]
}

interface Props {
  words: string
  delimiter: string
  /** Only the beginning of the file is here: its last row may be torn. */
  cut: boolean
}

/** The first rows of a CSV or TSV file; its first line names the columns. */
export function TablePreview({ words, delimiter, cut }: Props) {
  const t = useText(text)
  const parsed = parseDelimited(words, delimiter, ROWS + 2)
  const [head = [], ...rows] = parsed
  const whole = cut && parsed.length < ROWS + 2 ? rows.slice(0, -1) : rows
  const shown = whole.slice(0, ROWS).map((cells, index) => ({ index, cells }))
  return (
    <>
      {cut || whole.length > ROWS ? (
        <p className="sw-faint">{t('preview.rows', { count: shown.length })}</p>
      ) : null}
      <div className="storage-table">
        <DataTable<Line>
          label={t('preview')}
          rows={shown}
          rowKey={({ index }) => String(index)}
          columns={head.map((name, column) => ({
            key: String(column),
            title: name || `#${column + 1}`,
            render: ({ cells }) => cells[column] ?? '',
          }))}
        />
      </div>
    </>
  )
}
