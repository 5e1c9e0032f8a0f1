import { FolderOpenOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { PlaceDialog } from './PlaceDialog'
import { text } from './text'

interface Props {
  id?: string
  value?: string
  onChange?: (address: string) => void
  /** Files that can be chosen too; left out, only folders. */
  files?: RegExp | null
}

/** A storage address: typed, or found by browsing. A field of a form. */
export function PlaceField({ id, value = '', onChange, files = null }: Props) {
  const t = useText(text)
  const [open, setOpen] = useState(false)
  return (
    <span className="datasets-place">
      <Input
        id={id}
        value={value}
        placeholder={t('hint')}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange?.(event.target.value)}
      />
      <Button icon={<FolderOpenOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('browse')}
      </Button>
      <PlaceDialog
        open={open}
        start={value}
        files={files}
        onClose={() => setOpen(false)}
        onChoose={(address) => {
          onChange?.(address)
          setOpen(false)
        }}
      />
    </span>
  )
}
