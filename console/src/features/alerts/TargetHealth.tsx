import { Tooltip } from 'antd'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { Tone } from '@/ui/palette'
import type { Target } from './queries'
import { text } from './text'

/** How a target does: whether the last message arrived, and whether it is left alone for a while. */
export function TargetHealth({ target }: { target: Target }) {
  const t = useText(text)
  const say = useSentence()
  const [tone, words] = look(target)
  const tag = (
    <span
      className="sw-status"
      data-tone={tone}
      // The reason must be reachable without a mouse.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={target.last_error ? 0 : undefined}
    >
      <i aria-hidden className="sw-status-dot" />
      {t(words)}
    </span>
  )
  return target.last_error ? <Tooltip title={say(target.last_error)}>{tag}</Tooltip> : tag
}

function look(target: Target): [Tone, 'target.resting' | 'target.failing' | 'target.unused'] {
  if (target.resting_until !== null) return ['warn', 'target.resting']
  return target.failures > 0 ? ['bad', 'target.failing'] : ['good', 'target.unused']
}
