import { useText } from '@/base/text'
import { CopyButton } from './CopyButton'
import { text } from './text'

/** An id in a fixed-width face, with its copy button. */
export function IdText({ value }: { value: string }) {
  const t = useText(text)
  return (
    <span className="sw-id">
      <code>{value}</code>
      <CopyButton value={value} label={`${t('copy')} ${value}`} />
    </span>
  )
}
