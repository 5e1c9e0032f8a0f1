import { useMemo, useState, useSyncExternalStore } from 'react'
import { LogBuffer } from './buffer'
import { LogLines } from './LogLines'
import { LogToolbar } from './LogToolbar'
import { findLines, type LogFilter } from './search'
import type { LogSource } from './types'

interface Props {
  /** Keep it stable (`useMemo`): a new source starts a new view. */
  source: LogSource
  height?: number | string
}

export interface LogLook {
  times: boolean
  wrap: boolean
  follow: boolean
}

/** A log as it is written: follow, search, filter, copy, download. Draws only what is seen. */
export function LogView({ source, height = 'min(62vh, 720px)' }: Props) {
  const buffer = useMemo(() => new LogBuffer(source), [source])
  const { lines, status, moreBefore } = useSyncExternalStore(buffer.subscribe, buffer.read)
  const [filter, setFilter] = useState<LogFilter>({
    words: '',
    onlyMatches: false,
    categories: new Set(['platform', 'health', 'code']),
  })
  const [look, setLook] = useState<LogLook>({ times: true, wrap: false, follow: true })
  const [at, setAt] = useState(0)
  const found = useMemo(() => findLines(lines, filter), [lines, filter])
  const several = useMemo(() => new Set(lines.map((line) => line.instance)).size > 1, [lines])
  const goTo = (match: number) => {
    setAt(match)
    setLook({ ...look, follow: false })
  }
  return (
    <div className="sw-log">
      <LogToolbar
        filter={filter}
        onFilter={(next) => {
          setFilter(next)
          setAt(0)
        }}
        look={look}
        onLook={setLook}
        status={status}
        matches={found.matches.length}
        at={at}
        onAt={goTo}
        lines={found.lines}
        downloadUrl={source.downloadUrl}
      />
      <LogLines
        lines={found.lines}
        words={filter.words}
        target={look.follow ? null : (found.matches[at] ?? null)}
        look={look}
        several={several}
        height={height}
        onFollow={(follow) => setLook((now) => ({ ...now, follow }))}
        onOlder={moreBefore ? () => buffer.loadOlder() : undefined}
        narrowed={lines.length > 0}
      />
    </div>
  )
}
