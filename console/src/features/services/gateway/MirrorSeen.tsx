import { useQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { mirrorOf } from './queries'
import { text } from './text'

/** What mirrored calls have shown so far; nothing before the first. */
export function MirrorSeen({ service }: { service: string }) {
  const t = useText(text)
  const { data } = useQuery(mirrorOf(service))
  if (data === undefined || data.pairs === 0) return null
  const mean = (sum: number) => (sum / data.pairs).toFixed(1)
  return (
    <p className="sw-soft">
      {t('mirror.seen', { pairs: data.pairs, same: data.same, failed: data.failed })}
      {' · '}
      {t('mirror.times', { ms: mean(data.ms), candidate: mean(data.candidate_ms) })}
    </p>
  )
}
