import { DownloadOutlined, PictureOutlined, RedoOutlined, StopOutlined } from '@ant-design/icons'
import { Button, Image, Input, Tooltip } from 'antd'
import { useId, useState } from 'react'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ProblemNotice, Stats, Thumbs } from './AnswerView'
import { ParameterFields } from './ParameterFields'
import { ServiceSelect } from './ServiceSelect'
import { ratioOf, sidesOf, sizesByRatio } from './sizes'
import { text } from './text'
import type { Parameters, Rule, Service, Side, Turn } from './types'
import type { Chatting } from './useConversation'

const MOST_WORDS = 1000
/** These have pickers of their own. */
const PICKED = new Set(['style', 'size'])

interface Props {
  chatting: Chatting
  services: readonly Service[]
  rules: readonly Rule[]
  blocked: string | null
}

/** Describe a picture, choose how it shall look, and see what was drawn. */
export function ImageBench({ chatting, services, rules, blocked }: Props) {
  const t = useText(text)
  const { conversation, busy } = chatting
  const side = conversation.sides[0]
  const [words, setWords] = useState(side?.turns.at(-1)?.question ?? '')
  if (side === undefined) return null
  const able = blocked === null && !busy && words.trim() !== ''
  const generate = () => able && void chatting.send(words.trim(), [])
  return (
    <div className="playground">
      <aside className="playground-panel" aria-label={t('bench')}>
        <div className="playground-side">
          <ServiceSelect
            side={side}
            services={services}
            disabled={busy}
            onChange={(service) => chatting.setService(0, service)}
          />
        </div>
        <Description words={words} onChange={setWords} onEnter={generate} />
        <StylePicker
          rule={rules.find(({ name }) => name === 'style')}
          value={conversation.parameters}
          onChange={chatting.setParameters}
        />
        <RatioPicker
          rule={rules.find(({ name }) => name === 'size')}
          value={conversation.parameters}
          onChange={chatting.setParameters}
        />
        <ParameterFields
          rules={rules.filter(({ name }) => !PICKED.has(name))}
          value={conversation.parameters}
          onChange={chatting.setParameters}
        />
        <div className="playground-generate">
          {busy ? (
            <Button block danger icon={<StopOutlined aria-hidden />} onClick={chatting.stop}>
              {t('stop')}
            </Button>
          ) : (
            <Tooltip title={blocked}>
              <Button
                block
                type="primary"
                icon={<PictureOutlined aria-hidden />}
                disabled={!able}
                onClick={generate}
              >
                {t('generate')}
              </Button>
            </Tooltip>
          )}
        </div>
      </aside>
      <section className="playground-main" aria-label={t('results')}>
        <Results side={side} chatting={chatting} onAgain={setWords} />
      </section>
    </div>
  )
}

interface DescriptionProps {
  words: string
  onChange: (words: string) => void
  onEnter: () => void
}

function Description({ words, onChange, onEnter }: DescriptionProps) {
  const t = useText(text)
  const id = useId()
  return (
    <div className="playground-field">
      <div className="playground-field-head">
        <label htmlFor={id}>{t('prompt')}</label>
      </div>
      <Input.TextArea
        id={id}
        autoFocus
        required
        showCount
        maxLength={MOST_WORDS}
        autoSize={{ minRows: 4, maxRows: 10 }}
        placeholder={t('prompt.hint')}
        value={words}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          onEnter()
        }}
      />
    </div>
  )
}

interface PickerProps {
  rule: Rule | undefined
  value: Parameters
  onChange: (parameters: Parameters) => void
}

const STYLES = [
  'standard',
  'portrait',
  'landscape',
  'cartoon',
  'technology',
  'photography',
  'concept',
] as const

function StylePicker({ rule, value, onChange }: PickerProps) {
  const t = useText(text)
  if (rule === undefined) return null
  const chosen = String(value.style ?? rule.default)
  const known = (name: string): name is (typeof STYLES)[number] =>
    (STYLES as readonly string[]).includes(name)
  return (
    <fieldset className="playground-picker">
      <legend>{t('p.style')}</legend>
      <div>
        {rule.choices.map((name) => (
          <Button
            key={name}
            size="small"
            type={name === chosen ? 'primary' : 'default'}
            ghost={name === chosen}
            aria-pressed={name === chosen}
            onClick={() => onChange({ ...value, style: name })}
          >
            {known(name) ? t(`style.${name}`) : name}
          </Button>
        ))}
      </div>
    </fieldset>
  )
}

function RatioPicker({ rule, value, onChange }: PickerProps) {
  const t = useText(text)
  if (rule === undefined) return null
  const chosen = String(value.size ?? rule.default)
  const ratios = sizesByRatio(rule.choices)
  const sizes = ratios.get(ratioOf(chosen) ?? '') ?? []
  const set = (size: string | undefined) => size !== undefined && onChange({ ...value, size })
  return (
    <fieldset className="playground-picker">
      <legend>{t('ratio')}</legend>
      <div>
        {[...ratios].map(([ratio, [smallest]]) => (
          <button
            key={ratio}
            type="button"
            className="playground-ratio"
            aria-pressed={sizes.includes(smallest ?? '')}
            onClick={() => set(smallest)}
          >
            <Shape size={smallest ?? ''} />
            {ratio}
          </button>
        ))}
      </div>
      {sizes.length < 2 ? (
        <span className="sw-faint sw-num">{chosen}</span>
      ) : (
        <div>
          {sizes.map((size) => (
            <Button
              key={size}
              size="small"
              type={size === chosen ? 'primary' : 'default'}
              ghost={size === chosen}
              aria-pressed={size === chosen}
              onClick={() => set(size)}
            >
              {size}
            </Button>
          ))}
        </div>
      )}
    </fieldset>
  )
}

const SHAPE_PX = 22

function Shape({ size }: { size: string }) {
  const [width, height] = sidesOf(size) ?? [1, 1]
  const scale = SHAPE_PX / Math.max(width, height)
  return <i aria-hidden style={{ width: width * scale, height: height * scale }} />
}

interface ResultsProps {
  side: Side
  chatting: Chatting
  onAgain: (words: string) => void
}

/** The newest first: what was drawn last is what one looks at. */
function Results({ side, chatting, onAgain }: ResultsProps) {
  const t = useText(text)
  if (side.turns.length === 0) {
    return (
      <div className="playground-messages playground-none">
        <EmptyState
          icon={<PictureOutlined aria-hidden />}
          title={t('draw.empty')}
          hint={t('draw.emptyHint')}
        />
      </div>
    )
  }
  const last = side.turns.length - 1
  return (
    <div className="playground-messages">
      {side.turns
        .map((turn, at) => (
          <Drawing
            key={at}
            turn={turn}
            chatting={chatting}
            at={at}
            onAgain={chatting.busy ? undefined : at === last ? undefined : onAgain}
          />
        ))
        .reverse()}
    </div>
  )
}

interface DrawingProps {
  turn: Turn
  at: number
  chatting: Chatting
  onAgain: ((words: string) => void) | undefined
}

function Drawing({ turn: { question, answer }, at, chatting, onAgain }: DrawingProps) {
  const t = useText(text)
  const coming = answer.state === 'answering'
  return (
    <article className="playground-drawing">
      <header>
        <p>{question}</p>
        {onAgain === undefined ? null : (
          <Tooltip title={t('draw.again')}>
            <Button
              type="text"
              size="small"
              icon={<RedoOutlined aria-hidden />}
              aria-label={t('draw.again')}
              onClick={() => onAgain(question)}
            />
          </Tooltip>
        )}
      </header>
      {coming ? <span className="playground-wait" role="status" aria-label={t('drawing')} /> : null}
      <ProblemNotice answer={answer} />
      <Image.PreviewGroup>
        <div className="playground-pictures">
          {answer.results.map((url, number) => (
            <figure key={url}>
              <Image src={url} alt={`${question} (${number + 1})`} />
              <a
                href={url}
                download={`picture-${at + 1}-${number + 1}.png`}
                aria-label={t('download', { number: number + 1 })}
                title={t('download', { number: number + 1 })}
              >
                <DownloadOutlined aria-hidden />
              </a>
            </figure>
          ))}
        </div>
      </Image.PreviewGroup>
      {coming ? null : (
        <footer>
          {answer.state === 'stopped' ? <span>{t('stopped')}</span> : null}
          <Stats answer={answer} />
          <span className="playground-tools">
            <Thumbs answer={answer} onRate={(rating) => void chatting.rate(0, at, rating)} />
          </span>
        </footer>
      )}
    </article>
  )
}
