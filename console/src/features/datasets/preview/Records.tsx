import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { oneSample, type RecordSample } from '../queries'
import { readConversation, type Turn } from './conversation'
import { text } from './text'

interface Props {
  records: readonly RecordSample[]
  datasetId: string
  number: number
  raw: boolean
}

export function Records({ records, datasetId, number, raw }: Props) {
  return (
    <ol className="datasets-records">
      {records.map((record) => (
        <li key={record.index}>
          <RecordCard record={record} datasetId={datasetId} number={number} raw={raw} />
        </li>
      ))}
    </ol>
  )
}

interface CardProps extends Omit<Props, 'records'> {
  record: RecordSample
}

export function RecordCard({ record, datasetId, number, raw }: CardProps) {
  const t = useText(text)
  const [whole, setWhole] = useState(false)
  const full = useQuery({ ...oneSample(datasetId, number, record.index), enabled: whole })
  const shown = full.data?.kind === 'record' ? full.data : record
  return (
    <article>
      <header className="datasets-record-head">
        <strong className="sw-num">{t('index', { number: record.index + 1 })}</strong>
        <span className="sw-mono sw-faint">{record.file}</span>
      </header>
      <div className={shown.images.length > 0 ? 'datasets-record-split' : undefined}>
        <Images images={shown.images} />
        {raw ? (
          <CodeBlock
            maxHeight={360}
            samples={[{ language: 'json', code: JSON.stringify(shown.fields, null, 2) }]}
          />
        ) : (
          <RecordBody record={shown} />
        )}
      </div>
      {shown.truncated ? (
        <p className="sw-faint">
          {t('truncated')}{' '}
          <Button type="link" size="small" loading={full.isLoading} onClick={() => setWhole(true)}>
            {t('whole')}
          </Button>
        </p>
      ) : null}
    </article>
  )
}

function RecordBody({ record: { fields, images } }: { record: RecordSample }) {
  const t = useText(text)
  const conversation = readConversation(fields)
  const pictured = new Set(images.map(({ field }) => field))
  const rest = (conversation?.rest ?? Object.entries(fields)).filter(
    ([name]) => !pictured.has(name),
  )
  return (
    <div className="datasets-talk">
      {conversation?.turns.map((turn, index) => (
        <TurnLine key={index} turn={turn} />
      ))}
      {rest.length > 0 ? (
        <dl className="datasets-fields" aria-label={t('otherFields')}>
          {rest.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </div>
  )
}

function TurnLine({ turn }: { turn: Turn }) {
  const t = useText(text)
  return (
    <div className="datasets-turn" data-speaker={turn.speaker}>
      <span className="datasets-speaker">{t(`turn.${turn.speaker}`)}</span>
      <div className="datasets-words">{turn.words}</div>
    </div>
  )
}

function Images({ images }: { images: RecordSample['images'] }) {
  const t = useText(text)
  if (images.length === 0) return null
  return (
    <div className="datasets-record-images">
      {images.map(({ url, path }) =>
        url === null ? (
          <span key={path} className="datasets-missing" title={path}>
            {t('missingImage')}: <code>{path}</code>
          </span>
        ) : (
          <Media key={path} url={url} path={path} />
        ),
      )}
    </div>
  )
}

const SOUND = /\.(wav|mp3|flac|ogg|m4a)$/i
const FILM = /\.(mp4|webm|mov)$/i

/** A picture, or a player for a sound or a film. */
function Media({ url, path }: { url: string; path: string }) {
  const name = path.replace(/\?.*$/, '')
  if (SOUND.test(name)) {
    return (
      <audio controls preload="none" src={url} aria-label={path}>
        <track kind="captions" />
      </audio>
    )
  }
  if (FILM.test(name)) {
    return (
      <video controls preload="metadata" src={url} aria-label={path}>
        <track kind="captions" />
      </video>
    )
  }
  return (
    <a href={url} target="_blank" rel="noreferrer">
      <img src={url} alt={path} loading="lazy" />
    </a>
  )
}
