import { CloudUploadOutlined, CloseOutlined, RedoOutlined } from '@ant-design/icons'
import { Button, Progress } from 'antd'
import { useRef, useState, useSyncExternalStore, type DragEvent } from 'react'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { Bytes } from '../Quantity'
import { text } from '../text'
import { chosenFiles, droppedFiles, type FileAt } from './dropped'
import { UploadQueue, type Send, type UploadItem } from './queue'

interface Props {
  send: Send
  /** After each file that arrived. */
  onDone?: () => void
  /** `.jsonl,.zip`: what the dialog offers. */
  accept?: string
  folders?: boolean
  hint?: string
}

/** Drop files or folders, or choose them; each shows its progress and can be stopped or retried. */
export function FileUpload({ send, onDone, accept, folders = true, hint }: Props) {
  const t = useText(text)
  const [queue] = useState(() => new UploadQueue(send, () => onDone?.()))
  const items = useSyncExternalStore(queue.subscribe, queue.read)
  const add = (files: FileAt[]) => queue.add(files)
  return (
    <div className="sw-stack">
      <DropZone onFiles={add} hint={hint} accept={accept} folders={folders} />
      {items.length > 0 ? <UploadList queue={queue} items={items} /> : null}
      <span role="status" className="sw-hidden">
        {items.length > 0 ? t('upload.summary', counts(items)) : ''}
      </span>
    </div>
  )
}

interface ZoneProps {
  onFiles: (files: FileAt[]) => void
  hint: string | undefined
  accept: string | undefined
  folders: boolean
}

function DropZone({ onFiles, hint, accept, folders }: ZoneProps) {
  const t = useText(text)
  const [over, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    onFiles(await droppedFiles(event.dataTransfer))
  }
  const choose = (input: HTMLInputElement) => {
    onFiles(chosenFiles(input.files))
    input.value = '' // the same file can be chosen again
  }
  return (
    // Dropping has its keyboard way in the buttons inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      className="sw-drop"
      data-over={over}
      role="group"
      aria-label={t('upload.drop')}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <CloudUploadOutlined aria-hidden />
      <div>{t('upload.drop')}</div>
      {hint ? <small>{hint}</small> : null}
      <div className="sw-row">
        <Button onClick={() => files.current?.click()}>{t('upload.chooseFiles')}</Button>
        {folders ? (
          <Button onClick={() => folder.current?.click()}>{t('upload.chooseFolder')}</Button>
        ) : null}
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        accept={accept}
        aria-label={t('upload.chooseFiles')}
        onChange={(event) => choose(event.target)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label={t('upload.chooseFolder')}
        {...{ webkitdirectory: '' }}
        onChange={(event) => choose(event.target)}
      />
    </div>
  )
}

function UploadList({ queue, items }: { queue: UploadQueue; items: readonly UploadItem[] }) {
  const t = useText(text)
  const { done, total } = counts(items)
  return (
    <div>
      <div className="sw-upload-head">
        <span className="sw-soft">{t('upload.summary', { done, total })}</span>
        {done > 0 ? (
          <Button type="link" size="small" onClick={() => queue.clearFinished()}>
            {t('upload.clearDone')}
          </Button>
        ) : null}
      </div>
      <ul className="sw-uploads">
        {items.map((item) => (
          <UploadRow key={item.id} item={item} queue={queue} />
        ))}
      </ul>
    </div>
  )
}

function UploadRow({ item, queue }: { item: UploadItem; queue: UploadQueue }) {
  const t = useText(text)
  const { file, path, state, sentBytes, error } = item
  const percent = file.size === 0 ? 100 : (sentBytes / file.size) * 100
  const moving = state === 'sending' || state === 'waiting'
  return (
    <li>
      <span className="sw-upload-name" title={path}>
        {path}
      </span>
      <span className="sw-upload-state">
        {state === 'sending' ? (
          <Progress
            size="small"
            percent={Math.floor(percent)}
            aria-label={`${path}: ${Math.floor(percent)}%`}
          />
        ) : (
          <span data-tone={TONES[state]}>{t(`upload.${state}`)}</span>
        )}
      </span>
      <Bytes value={file.size} />
      {moving ? (
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={`${t('cancel')} ${path}`}
          onClick={() => queue.stop(item.id)}
        />
      ) : (
        <Button
          type="text"
          size="small"
          style={{ visibility: state === 'done' ? 'hidden' : 'visible' }}
          icon={<RedoOutlined aria-hidden />}
          aria-label={`${t('retry')} ${path}`}
          onClick={() => queue.retry(item.id)}
        />
      )}
      {state === 'failed' ? (
        <span className="sw-field-error" role="alert">
          {problemWords(error).message}
        </span>
      ) : null}
    </li>
  )
}

const TONES = { waiting: 'neutral', done: 'good', stopped: 'neutral', failed: 'bad' } as const

function counts(items: readonly UploadItem[]): { done: number; total: number } {
  return { done: items.filter(({ state }) => state === 'done').length, total: items.length }
}
