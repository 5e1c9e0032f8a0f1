import './resources.css'

interface Props {
  label: string
  held: number
  total: number
  /** How the numbers read, such as "1.5 of 2". */
  words: string
  /** Without its label, which then stands in the head of a column. */
  bare?: boolean
}

/** How much of something is held. */
export function Meter({ label, held, total, words, bare = false }: Props) {
  const share = total > 0 ? Math.min(held / total, 1) : 0
  return (
    <div className="resources-meter">
      <div className="resources-meter-head">
        {bare ? null : <span>{label}</span>}
        <span className="sw-num sw-soft">{words}</span>
      </div>
      <div
        className="resources-bar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={held}
        aria-valuetext={words}
      >
        <i style={{ width: `${share * 100}%` }} data-tone={share >= 0.9 ? 'warn' : undefined} />
      </div>
    </div>
  )
}
