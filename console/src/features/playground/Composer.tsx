import { SendOutlined, StopOutlined } from '@ant-design/icons'
import { Button, Input, Tooltip } from 'antd'
import { useState, type KeyboardEvent } from 'react'
import { useText } from '@/base/text'
import { text } from './text'

interface Props {
  busy: boolean
  blocked: string | null
  onSend: (words: string) => void
  onStop: () => void
}

/** Enter sends, Shift+Enter begins a line, Escape stops an answer. */
export function Composer({ busy, blocked, onSend, onStop }: Props) {
  const t = useText(text)
  const [words, setWords] = useState('')
  const able = !busy && blocked === null && words.trim() !== ''
  const send = () => {
    if (!able) return
    onSend(words.trim())
    setWords('')
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && busy) onStop()
    // While an input method composes a word, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <div className="playground-composer">
      <Input.TextArea
        autoFocus
        variant="borderless"
        aria-label={t('write')}
        placeholder={blocked ?? t('write.hint')}
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
  )
}
