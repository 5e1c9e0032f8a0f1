import { EditOutlined, MessageOutlined } from '@ant-design/icons'
import { Button, Image, Input, Tooltip } from 'antd'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useText } from '@/base/text'
import { CopyButton } from '@/ui/CopyButton'
import { EmptyState } from '@/ui/EmptyState'
import { AnswerView } from './AnswerView'
import type { Prices } from './cost'
import { text } from './text'
import type { Rating, Turn } from './types'

/** Closer to the end than this, the view follows what is written. */
const NEAR_PX = 80

interface Props {
  turns: readonly Turn[]
  busy: boolean
  prices?: Prices
  emptyHint?: string
  onAgain: () => void
  /** Asks an earlier question in other words. */
  onEdit?: (at: number, words: string) => void
  onRate?: (at: number, rating: Rating) => void
}

/** What was said, the last at the bottom. */
export function Thread({ turns, busy, prices, emptyHint, onAgain, onEdit, onRate }: Props) {
  const t = useText(text)
  const box = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  useEffect(() => {
    if (following.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [turns])
  if (turns.length === 0) {
    return (
      <div className="playground-messages playground-none">
        <EmptyState
          icon={<MessageOutlined aria-hidden />}
          title={t('empty')}
          hint={emptyHint ?? t('emptyHint')}
        />
      </div>
    )
  }
  const last = turns.length - 1
  return (
    <div
      ref={box}
      className="playground-messages"
      role="log"
      aria-label={t('thread')}
      aria-busy={busy}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < NEAR_PX
      }}
    >
      {turns.map((turn, at) => (
        <div className="playground-turn" key={at}>
          <Question
            turn={turn}
            onEdit={busy || onEdit === undefined ? undefined : (words) => onEdit(at, words)}
          />
          <AnswerView
            answer={turn.answer}
            prices={prices}
            onAgain={at === last && !busy ? onAgain : undefined}
            onRate={onRate === undefined ? undefined : (rating) => onRate(at, rating)}
          />
        </div>
      ))}
    </div>
  )
}

interface QuestionProps {
  turn: Turn
  onEdit: ((words: string) => void) | undefined
}

function Question({ turn, onEdit }: QuestionProps) {
  const t = useText(text)
  const [draft, setDraft] = useState<string | null>(null)
  const save = () => {
    if (draft === null || draft.trim() === '') return
    setDraft(null)
    onEdit?.(draft.trim())
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setDraft(null)
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    save()
  }
  if (draft !== null) {
    return (
      <div className="playground-edit">
        <Input.TextArea
          autoFocus
          aria-label={t('edit')}
          autoSize={{ minRows: 2, maxRows: 12 }}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={press}
        />
        <div className="sw-row">
          <span className="sw-faint">{t('edit.hint')}</span>
          <Button size="small" onClick={() => setDraft(null)}>
            {t('cancel')}
          </Button>
          <Button size="small" type="primary" disabled={draft.trim() === ''} onClick={save}>
            {t('send')}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div className="playground-asked">
      {turn.pictures.length === 0 ? null : (
        <div className="playground-asked-pictures">
          <Image.PreviewGroup>
            {turn.pictures.map(({ url }, at) => (
              <Image key={url} src={url} alt={t('picture.number', { number: at + 1 })} />
            ))}
          </Image.PreviewGroup>
        </div>
      )}
      <div className="playground-said">
        <div className="playground-tools">
          {turn.question === '' ? null : (
            <CopyButton value={turn.question} label={t('copyQuestion')} />
          )}
          {onEdit === undefined ? null : (
            <Tooltip title={t('edit')}>
              <Button
                type="text"
                size="small"
                icon={<EditOutlined aria-hidden />}
                aria-label={t('edit')}
                onClick={() => setDraft(turn.question)}
              />
            </Tooltip>
          )}
        </div>
        {turn.question === '' ? null : <p className="playground-question">{turn.question}</p>}
      </div>
    </div>
  )
}
