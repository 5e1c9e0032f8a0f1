import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { App, Button, Tooltip } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { copyText } from './copyText'
import { text } from './text'

const SHOWN_MS = 1_600

interface Props {
  value: string
  /** What is copied, for readers that cannot see the place of the button. */
  label?: string
  /** Shows the word beside the icon. */
  worded?: boolean
}

export function CopyButton({ value, label, worded = false }: Props) {
  const t = useText(text)
  const { message } = App.useApp()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    if (!(await copyText(value))) return void message.error(t('copyFailed'))
    setCopied(true)
    window.setTimeout(() => setCopied(false), SHOWN_MS)
  }
  const words = copied ? t('copied') : (label ?? t('copy'))
  const button = (
    <Button
      type="text"
      size="small"
      icon={copied ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
      aria-label={words}
      onClick={copy}
    >
      {worded ? words : null}
    </Button>
  )
  return worded ? button : <Tooltip title={words}>{button}</Tooltip>
}
