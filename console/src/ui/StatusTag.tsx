import { Tooltip } from 'antd'
import { usePreference } from '@/base/preferences'
import { useSentence } from '@/base/sentences'
import { stateLabel, stateTone } from './states'

interface Props {
  state: string
  /** Why it is so: shown on hover and focus. */
  reason?: string | null
  /** 0 to 100, where the state has a progress. */
  percent?: number | null
}

export function StatusTag({ state, reason, percent }: Props) {
  const [language] = usePreference('language')
  const say = useSentence()
  const label = stateLabel(state, language)
  const tag = (
    <span
      className="sw-status"
      data-tone={stateTone(state)}
      // The reason must be reachable without a mouse.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={reason ? 0 : undefined}
    >
      <i aria-hidden className="sw-status-dot" />
      {percent == null ? label : `${label} ${Math.floor(percent)}%`}
    </span>
  )
  return reason ? <Tooltip title={say(reason)}>{tag}</Tooltip> : tag
}
