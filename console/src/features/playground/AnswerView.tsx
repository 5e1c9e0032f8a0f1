import {
  DislikeFilled,
  DislikeOutlined,
  LikeFilled,
  LikeOutlined,
  RedoOutlined,
} from '@ant-design/icons'
import { Alert, Button, Tooltip } from 'antd'
import { formatDuration, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { CopyButton } from '@/ui/CopyButton'
import { Markdown } from '@/ui/Markdown'
import { Sentence } from '@/ui/Sentence'
import { speedOf } from './ask'
import { costOf, type Prices } from './cost'
import { splitThought } from './thought'
import { text } from './text'
import type { Answer, Rating } from './types'

interface Props {
  answer: Answer
  /** Of the model that answered; nothing for one without prices. */
  prices?: Prices
  onAgain: (() => void) | undefined
  onRate: ((rating: Rating) => void) | undefined
}

/** An answer as it grows, and what can be done with it when it has ended. */
export function AnswerView({ answer, prices, onAgain, onRate }: Props) {
  const t = useText(text)
  const coming = answer.state === 'answering'
  const { thought, words, thinking } = splitThought(answer)
  return (
    <article className="playground-answer" data-coming={coming}>
      {thought === '' ? null : <Thought words={thought} open={coming && thinking} />}
      {words === '' ? null : <Markdown math>{words}</Markdown>}
      {coming && words === '' && !thinking ? (
        <span className="playground-wait" role="status" aria-label={t('thinking')} />
      ) : null}
      <ProblemNotice answer={answer} />
      {coming ? null : (
        <footer>
          {answer.state === 'stopped' ? <span>{t('stopped')}</span> : null}
          {answer.finish === 'length' ? (
            <Tooltip title={t('cut.hint')}>
              <span className="playground-cut">{t('cut')}</span>
            </Tooltip>
          ) : null}
          <Stats answer={answer} prices={prices} />
          <span className="playground-tools">
            {words === '' ? null : <CopyButton value={words} label={t('copyAnswer')} />}
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
            {onRate === undefined ? null : <Thumbs answer={answer} onRate={onRate} />}
          </span>
        </footer>
      )}
    </article>
  )
}

export function ProblemNotice({ answer: { problem } }: { answer: Answer }) {
  const t = useText(text)
  if (problem === null) return null
  return (
    <Alert
      type="error"
      showIcon
      title={
        <span>
          {t('failed')} {problem.code === '' ? null : <code>{problem.code}</code>}
        </span>
      }
      description={<Sentence of={problem.message} />}
    />
  )
}

/** Reasoning folds itself away when the answer begins. */
function Thought({ words, open }: { words: string; open: boolean }) {
  const t = useText(text)
  return (
    <details key={String(open)} className="playground-thought" open={open}>
      <summary>{t(open ? 'reasoning.now' : 'reasoning')}</summary>
      <Markdown math>{words}</Markdown>
    </details>
  )
}

export function Thumbs({ answer, onRate }: { answer: Answer; onRate: (rating: Rating) => void }) {
  const t = useText(text)
  const kept = answer.turnId !== null
  const { rating } = answer
  const press = (wanted: Rating) => onRate(rating === wanted ? 'none' : wanted)
  return (
    <>
      <Tooltip title={kept ? t('good') : t('notKept')}>
        <Button
          type="text"
          size="small"
          icon={rating === 'up' ? <LikeFilled aria-hidden /> : <LikeOutlined aria-hidden />}
          aria-label={t('good')}
          aria-pressed={rating === 'up'}
          aria-disabled={!kept}
          onClick={() => kept && press('up')}
        />
      </Tooltip>
      <Tooltip title={kept ? t('bad') : t('notKept')}>
        <Button
          type="text"
          size="small"
          icon={rating === 'down' ? <DislikeFilled aria-hidden /> : <DislikeOutlined aria-hidden />}
          aria-label={t('bad')}
          aria-pressed={rating === 'down'}
          aria-disabled={!kept}
          onClick={() => kept && press('down')}
        />
      </Tooltip>
    </>
  )
}

export function Stats({ answer, prices }: { answer: Answer; prices?: Prices }) {
  const t = useText(text)
  const { firstMs, promptTokens, tokens, totalMs } = answer
  const speed = speedOf(answer)
  const cost = costOf(answer, prices)
  const parts = [
    ...(firstMs === null ? [] : [t('stats.first', { time: formatDuration(firstMs / 1000) })]),
    ...(tokens === null
      ? []
      : [
          promptTokens === null
            ? t('stats.tokens', { count: tokens })
            : t('stats.both', { prompt: promptTokens, count: tokens }),
        ]),
    ...(speed === null
      ? []
      : [t('stats.speed', { speed: formatMetric(Number(speed.toFixed(1))) })]),
    ...(totalMs === null ? [] : [formatDuration(totalMs / 1000)]),
    ...(cost === null ? [] : [t('stats.cost', { cost: formatMetric(cost) })]),
  ]
  return <span className="sw-num">{parts.join(' · ')}</span>
}
