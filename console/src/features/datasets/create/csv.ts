import type { Schema } from '@/api/types'

type Column = Schema<'ColumnForm'>

/** Columns that the beginning of a CSV file suggests: names from its header, types from values. */
export function proposeColumns(start: string, hasHeader: boolean): Column[] {
  const rows = parseCsv(start)
  const complete = rows.length > 2 ? rows.slice(0, -1) : rows // the last may be cut
  const [head = [], ...body] = complete
  const values = hasHeader ? body : complete
  return head.map((name, index) => ({
    name: hasHeader ? name.trim() : `column_${index + 1}`,
    type: typeOf(values.map((row) => row[index] ?? '')),
  }))
}

function typeOf(values: readonly string[]): Column['type'] {
  const filled = values.map((value) => value.trim()).filter((value) => value !== '')
  const all = (pattern: RegExp) => filled.length > 0 && filled.every((value) => pattern.test(value))
  if (all(/^[+-]?\d{1,18}$/)) return 'int'
  if (all(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)) return 'float'
  if (all(/^(true|false)$/i)) return 'bool'
  return 'string'
}

/** Quoted cells may hold commas, line ends and doubled quotes. */
export function parseCsv(source: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const cells = /("(?:[^"]|"")*"?|[^",\r\n]*)(,|\r?\n|$)/gy
  const text = source.replace(/^\uFEFF/, '')
  for (let found = cells.exec(text); found !== null; found = cells.exec(text)) {
    const [, cell = '', end = ''] = found
    row.push(cell.startsWith('"') ? cell.replace(/^"|"$/g, '').replaceAll('""', '"') : cell)
    if (end !== ',') {
      if (row.length > 1 || row[0] !== '') rows.push(row)
      row = []
    }
    if (end === '') break
  }
  return rows
}
