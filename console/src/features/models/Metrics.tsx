import { formatMetric } from '@/base/format'
import type { ModelVersion } from './queries'

/** Figures in a table cell: the first few, the rest on hover; or the free text. */
export function Metrics({ version, max = 2 }: { version: ModelVersion; max?: number }) {
  const all = Object.entries(version.metrics)
  if (all.length === 0) {
    return version.metrics_text === '' ? (
      <span className="sw-faint">–</span>
    ) : (
      <span className="models-text" title={version.metrics_text}>
        {version.metrics_text}
      </span>
    )
  }
  const words = all.map(([name, value]) => `${name} ${formatMetric(value)}`)
  return (
    <span className="models-metrics" title={words.join('\n')}>
      {all.slice(0, max).map(([name, value]) => (
        <span key={name}>
          <span className="sw-faint">{name}</span>{' '}
          <span className="sw-num">{formatMetric(value)}</span>
        </span>
      ))}
      {all.length > max ? <span className="sw-faint">+{all.length - max}</span> : null}
    </span>
  )
}
