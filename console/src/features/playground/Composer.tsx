import { CloseOutlined, PictureOutlined, SendOutlined, StopOutlined } from '@ant-design/icons'
import { App, Button, Input, Tooltip } from 'antd'
import { useRef, useState, type ClipboardEvent, type DragEvent, type KeyboardEvent } from 'react'
import { useText } from '@/base/text'
import { PICTURE_TYPES, readPictures } from './pictures'
import { text } from './text'
import type { Picture } from './types'

interface Props {
  busy: boolean
  blocked: string | null
  /** Pictures can be dropped, pasted or chosen. */
  pictures?: boolean
  /** A first question must have a picture. */
  needsPicture?: boolean
  onSend: (words: string, pictures: Picture[]) => void
  onStop: () => void
}

/** Enter sends, Shift+Enter begins a line, Escape stops an answer. */
export function Composer({ busy, blocked, pictures, needsPicture, onSend, onStop }: Props) {
  const t = useText(text)
  const [words, setWords] = useState('')
  const attached = useAttached(pictures === true)
  const enough = needsPicture === true ? attached.pictures.length > 0 : words.trim() !== ''
  const able = !busy && blocked === null && (enough || attached.pictures.length > 0)
  const send = () => {
    if (!able) return
    onSend(words.trim(), attached.pictures)
    setWords('')
    attached.clear()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && busy) onStop()
    // While an input method composes a word, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const hint =
    needsPicture === true && attached.pictures.length === 0 ? 'write.picture' : 'write.hint'
  return (
    <div
      className="playground-composer"
      data-over={attached.over}
      {...(pictures === true ? attached.handlers : {})}
    >
      {attached.pictures.length === 0 ? null : (
        <ul className="playground-attached" aria-label={t('pictures')}>
          {attached.pictures.map((one, at) => (
            <li key={one.url}>
              <img src={one.url} alt={t('picture.number', { number: at + 1 })} />
              <Button
                size="small"
                shape="circle"
                icon={<CloseOutlined aria-hidden />}
                aria-label={t('picture.remove', { number: at + 1 })}
                onClick={() => attached.remove(at)}
              />
            </li>
          ))}
        </ul>
      )}
      <div className="playground-composer-line">
        {pictures === true ? <PictureButton onFiles={attached.add} /> : null}
        <Input.TextArea
          autoFocus
          variant="borderless"
          aria-label={t('write')}
          placeholder={blocked ?? t(hint)}
          disabled={blocked !== null}
          rows={2}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={press}
        />
        {busy ? (
          <Button danger icon={<StopOutlined aria-hidden />} onClick={onStop}>
            {t('stop')}
          </Button>
        ) : (
          <Tooltip title={blocked}>
            <Button
              type="primary"
              icon={<SendOutlined aria-hidden />}
              disabled={!able}
              onClick={send}
            >
              {t('send')}
            </Button>
          </Tooltip>
        )}
      </div>
    </div>
  )
}

function PictureButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const t = useText(text)
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={PICTURE_TYPES.join(',')}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <Tooltip title={t('picture.hint')}>
        <Button
          type="text"
          icon={<PictureOutlined aria-hidden />}
          aria-label={t('picture.add')}
          onClick={() => input.current?.click()}
        />
      </Tooltip>
    </>
  )
}

/** Pictures waiting to be sent, by whichever way they came. */
function useAttached(able: boolean) {
  const t = useText(text)
  const { message } = App.useApp()
  const [pictures, setPictures] = useState<Picture[]>([])
  const [over, setOver] = useState(false)
  const add = (files: File[]) => {
    if (!able || files.length === 0) return
    void readPictures(files).then((read) => {
      setPictures((old) => [...old, ...read.pictures])
      if (read.refused !== null) message.error(t(read.refused))
    })
  }
  return {
    pictures,
    over,
    add,
    clear: () => setPictures([]),
    remove: (at: number) => setPictures((old) => old.filter((_, index) => index !== at)),
    handlers: {
      onDragOver: (event: DragEvent) => {
        event.preventDefault()
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        event.preventDefault()
        setOver(false)
        add([...event.dataTransfer.files])
      },
      onPaste: (event: ClipboardEvent) => add([...event.clipboardData.files]),
    },
  }
}
