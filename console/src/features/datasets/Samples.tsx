import { usePreference } from '@/base/preferences'
import { formatCount } from '@/base/format'
import { useText } from '@/base/text'
import { KINDS, type Kind } from './kinds'
import { text } from './text'

const UNITS = ['records', 'images', 'rows', 'files'] as const

/** "364 images", in the language's own numbers. */
export function Samples({ count, unit }: { count: number; unit: string }) {
  const t = useText(text)
  const [language] = usePreference('language')
  const known = UNITS.find((one) => one === unit) ?? 'files'
  // i18next needs the number for the plural, the eye the grouped one.
  const words = t(`unit.${known}`, { count }).replace(String(count), formatCount(count, language))
  return <span className="sw-num sw-nowrap">{words}</span>
}

export function KindName({ kind }: { kind: Kind }) {
  const t = useText(text)
  return (
    <span className="datasets-kind">
      {KINDS[kind].icon}
      {t(`kind.${kind}`)}
    </span>
  )
}

/** How much is labelled, as a bar; nothing for kinds that carry no labels. */
export function Labelled({ kind, done, total }: { kind: Kind; done: number; total: number }) {
  if (KINDS[kind].shape !== 'image' || total === 0) return <span className="sw-faint">–</span>
  const percent = (100 * done) / total
  return (
    <span className="datasets-labelled" title={`${done} / ${total}`}>
      <span className="datasets-bar" aria-hidden>
        <i style={{ width: `${percent}%` }} />
      </span>
      <span className="sw-num">{percent === 100 ? '100' : Math.min(99, Math.round(percent))}%</span>
    </span>
  )
}
