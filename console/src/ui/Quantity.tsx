import { formatBytes, formatCount, formatDuration } from '@/base/format'
import { usePreference } from '@/base/preferences'

type Maybe = number | null | undefined

export function Bytes({ value }: { value: Maybe }) {
  if (value == null) return <span className="sw-faint">–</span>
  return (
    <span className="sw-nowrap sw-num" title={`${value} bytes`}>
      {formatBytes(value)}
    </span>
  )
}

export function Duration({ seconds }: { seconds: Maybe }) {
  if (seconds == null) return <span className="sw-faint">–</span>
  return <span className="sw-nowrap sw-num">{formatDuration(seconds)}</span>
}

export function Count({ value }: { value: Maybe }) {
  const [language] = usePreference('language')
  if (value == null) return <span className="sw-faint">–</span>
  return <span className="sw-num">{formatCount(value, language)}</span>
}
