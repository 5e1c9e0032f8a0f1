/** Rows of CSV or TSV as RFC 4180 has it: quotes, doubled quotes, line ends inside quotes. */
export function parseDelimited(words: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  const endRow = () => {
    row.push(cell)
    rows.push(row)
    row = []
    cell = ''
  }
  for (let at = 0; at < words.length && rows.length < most; at++) {
    const letter = words[at] ?? ''
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (words[at + 1] === '"') {
        cell += '"'
        at++
      } else quoted = false
    } else if (letter === '"' && cell === '') quoted = true
    else if (letter === delimiter) {
      row.push(cell)
      cell = ''
    } else if (letter === '\n') endRow()
    else if (letter !== '\r') cell += letter
  }
  if (rows.length < most && (cell !== '' || row.length > 0)) endRow()
  return rows
}
