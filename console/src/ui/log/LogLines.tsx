import { useVirtualizer } from '@tanstack/react-virtual'
import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { formatTime } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { EmptyState } from '../EmptyState'
import { useNotify } from '../notify'
import { text } from '../text'
import type { LogLook } from './LogView'
import { plainText, splitAtMatches } from './search'
import type { LogLine } from './types'
import { whenSlow } from '../busy'

const ROW_PX = 20
const NEAR_END_PX = 24

interface Props {
  lines: readonly LogLine[]
  words: string
  /** Index of the line to bring into view. */
  target: number | null
  look: LogLook
  several: boolean
  height: number | string
  onFollow: (follow: boolean) => void
  onOlder: (() => Promise<void>) | undefined
  /** Whether there are lines that the filter hides. */
  narrowed: boolean
}

export function LogLines(props: Props) {
  const { lines, words, target, look, several, height, onFollow, onOlder, narrowed } = props
  const t = useText(text)
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
    initialRect: { width: 800, height: 400 },
  })
  // The scroll position lives in the DOM: it is set after new lines were drawn.
  useEffect(() => {
    if (look.follow && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [look.follow, lines.length, virtual])
  useEffect(() => {
    if (target !== null) virtual.scrollToIndex(target, { align: 'center' })
  }, [target, virtual])
  if (lines.length === 0) {
    return (
      <div className="sw-log-box" style={{ height }}>
        <EmptyState
          title={narrowed ? t('list.noMatch') : t('log.empty')}
          hint={narrowed ? undefined : t('log.emptyHint')}
        />
      </div>
    )
  }
  return (
    // Its listeners only notice scrolling; they are no action of their own.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={box}
      className="sw-log-box"
      style={{ height }}
      role="log"
      aria-label={t('log.label')}
      aria-live="off"
      // Scrollable areas must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onWheel={(event) => {
        if (event.deltaY < 0) onFollow(false)
      }}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
        if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX && target === null) onFollow(true)
      }}
      onKeyDown={(event) => {
        if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) onFollow(false)
      }}
    >
      {onOlder ? <Older load={onOlder} /> : null}
      <div
        className="sw-log-lines"
        data-wrap={look.wrap}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index]
          return line === undefined ? null : (
            <div
              key={item.key}
              ref={look.wrap ? virtual.measureElement : undefined}
              data-index={item.index}
              data-category={line.category}
              data-target={item.index === target}
              className="sw-log-line"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Line line={line} words={words} times={look.times} instance={several} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Older({ load }: { load: () => Promise<void> }) {
  const t = useText(text)
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const press = async () => {
    setBusy(true)
    await load().catch(notify.problem)
    setBusy(false)
  }
  return (
    <Button type="link" size="small" loading={whenSlow(busy)} onClick={press}>
      {t('log.older')}
    </Button>
  )
}

interface LineProps {
  line: LogLine
  words: string
  times: boolean
  instance: boolean
}

function Line({ line, words, times, instance }: LineProps) {
  const [zone] = usePreference('timeZone')
  const parts = splitAtMatches(plainText(line.text), words)
  const time = formatTime(new Date(line.time), zone, true)
  return (
    <>
      {times ? (
        <time dateTime={line.time} title={time}>
          {time.slice(11)}
        </time>
      ) : null}
      {instance ? <span className="sw-log-instance">{line.instance}</span> : null}
      <span className="sw-log-text">
        {parts.map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}
      </span>
    </>
  )
}
