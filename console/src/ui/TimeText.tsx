import { Tooltip } from 'antd'
import { formatRelative, formatTime } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useNow } from './now'

interface Props {
  /** RFC 3339, or null where it has not happened. */
  value: string | null | undefined
  /** Shows the date and time itself, with the relative time on hover. */
  absolute?: boolean
}

export function TimeText({ value, absolute = false }: Props) {
  const [language] = usePreference('language')
  const [zone] = usePreference('timeZone')
  const now = useNow()
  if (value == null) return <span className="sw-faint">–</span>
  const time = new Date(value)
  const relative = formatRelative(time, time > now ? new Date() : now, language)
  const exact = `${formatTime(time, zone)}${zone === 'utc' ? ' UTC' : ''}`
  return (
    <Tooltip title={absolute ? relative : exact}>
      <time dateTime={value} className="sw-nowrap sw-num">
        {absolute ? exact : relative}
      </time>
    </Tooltip>
  )
}
