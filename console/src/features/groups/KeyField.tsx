import { CheckOutlined, CopyOutlined, EyeInvisibleOutlined, EyeOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import { useState } from 'react'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { copyText } from '@/ui/copyText'
import { useNotify } from '@/ui/notify'
import { revealKey, type Group } from './queries'
import { text } from './text'

const SHOWN_MS = 1_600

/** Masked until asked for, and copied also while it is masked. Who looks is recorded by the API. */
export function KeyField({ group }: { group: Group }) {
  const t = useText(text)
  const notify = useNotify()
  const [secret, setSecret] = useState<string | null>(null)
  const [copied, setCopied] = useState(false)
  const blocked = useMay()('serve:group:reveal') ? null : t('mayNot')
  const ask = async (then: (secret: string) => void | Promise<void>) => {
    try {
      await then((await revealKey(group.id)).secret)
    } catch (error) {
      notify.problem(error)
    }
  }
  const copy = (value: string) => {
    void copyText(value)
    setCopied(true)
    window.setTimeout(() => setCopied(false), SHOWN_MS)
  }
  const toggle = () => (secret === null ? void ask(setSecret) : setSecret(null))
  return (
    <span className="groups-key">
      <code>{secret ?? group.key.hint}</code>
      <IconButton
        label={t(secret === null ? 'show' : 'hide')}
        of={group.name}
        blocked={blocked}
        icon={secret === null ? <EyeOutlined aria-hidden /> : <EyeInvisibleOutlined aria-hidden />}
        onPress={toggle}
      />
      <IconButton
        label={t(copied ? 'copied' : 'copy')}
        of={group.name}
        blocked={blocked}
        icon={copied ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
        onPress={() => (secret === null ? void ask(copy) : copy(secret))}
      />
    </span>
  )
}

interface IconProps {
  label: string
  of: string
  blocked: string | null
  icon: React.ReactNode
  onPress: () => void
}

function IconButton({ label, of, blocked, icon, onPress }: IconProps) {
  return (
    <Tooltip title={blocked ?? label}>
      <Button
        type="text"
        size="small"
        aria-label={`${label}: ${of}`}
        disabled={blocked !== null}
        icon={icon}
        onClick={onPress}
      />
    </Tooltip>
  )
}
