import { MessageOutlined, RedoOutlined } from '@ant-design/icons'
import { Alert, Button, Tooltip } from 'antd'
import { useEffect, useRef } from 'react'
import { formatDuration, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { CopyButton } from '@/ui/CopyButton'
import { EmptyState } from '@/ui/EmptyState'
import { Markdown } from '@/ui/Markdown'
import { Sentence } from '@/ui/Sentence'
import { speedOf } from './chat'
import { text } from './text'
import type { Message, Stats } from './types'

/** Closer to the end than this, the view follows what is written. */
const NEAR_PX = 80

interface Props {
  messages: readonly Message[]
  busy: boolean
  onAgain: () => void
}

/** What was said, the last at the bottom. */
export function Thread({ messages, busy, onAgain }: Props) {
  const t = useText(text)
  const box = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  useEffect(() => {
    if (following.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [messages])
  if (messages.length === 0) {
    return (
      <div className="playground-messages playground-none">
        <EmptyState
          icon={<MessageOutlined aria-hidden />}
          title={t('empty')}
          hint={t('emptyHint')}
        />
      </div>
    )
  }
  return (
    <div
      ref={box}
      className="playground-messages"
      role="log"
      aria-busy={busy}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < NEAR_PX
      }}
    >
      {messages.map((message, at) =>
        message.role === 'user' ? (
          <p key={at} className="playground-question">
            {message.content}
          </p>
        ) : (
          <Answer
            key={at}
            message={message}
            busy={busy && at === messages.length - 1}
            onAgain={at === messages.length - 1 && !busy ? onAgain : undefined}
          />
        ),
      )}
    </div>
  )
}

interface AnswerProps {
  message: Message
  busy: boolean
  onAgain: (() => void) | undefined
}

function Answer({ message, busy, onAgain }: AnswerProps) {
  const t = useText(text)
  const { content, stats, stopped, problem } = message
  return (
    <article className="playground-answer">
      {content === '' ? null : <Markdown>{content}</Markdown>}
      {content === '' && busy ? (
        <span className="playground-wait" role="status" aria-label={t('thinking')} />
      ) : null}
      {problem === undefined ? null : (
        <Alert
          type="error"
          showIcon
          title={t('error.broken')}
          description={<Sentence of={problem} />}
        />
      )}
      {busy ? null : (
        <footer>
          {stopped ? <span>{t('stopped')}</span> : null}
          {stats === undefined ? null : <StatsText stats={stats} />}
          <CopyButton value={content} />
          {onAgain === undefined ? null : (
            <Tooltip title={t('again')}>
              <Button
                type="text"
                size="small"
                icon={<RedoOutlined aria-hidden />}
                aria-label={t('again')}
                onClick={onAgain}
              />
            </Tooltip>
          )}
        </footer>
      )}
    </article>
  )
}

function StatsText({ stats }: { stats: Stats }) {
  const t = useText(text)
  const speed = speedOf(stats)
  const parts = [
    ...(stats.tokens === null ? [] : [t('stats.tokens', { count: stats.tokens })]),
    ...(speed === null
      ? []
      : [t('stats.speed', { speed: formatMetric(Number(speed.toFixed(1))) })]),
    ...(stats.firstMs === null
      ? []
      : [t('stats.first', { time: formatDuration(stats.firstMs / 1000) })]),
    formatDuration(stats.totalMs / 1000),
  ]
  return <span className="sw-num">{parts.join(' · ')}</span>
}
