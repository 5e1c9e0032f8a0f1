import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { text } from './text'

type Amounts = Record<string, unknown>

export function ResourceBars({ resources }: { resources: Amounts }) {
  const t = useText(text)
  const gpus = amount(resources, 'gpus')
  return (
    <div className="sw-stack">
      <p className="sw-faint">{t('resources.lead')}</p>
      <Bar
        label={t('cpu')}
        held={amount(resources, 'cpu_cores_held')}
        total={amount(resources, 'cpu_cores')}
        show={(value) => String(Math.round(value * 10) / 10)}
      />
      <Bar
        label={t('memory')}
        held={amount(resources, 'memory_bytes_held')}
        total={amount(resources, 'memory_bytes')}
        show={formatBytes}
      />
      {gpus > 0 ? (
        <Bar label={t('gpu')} held={amount(resources, 'gpus_held')} total={gpus} show={String} />
      ) : (
        <div className="overview-bar-head">
          <span>{t('gpu')}</span>
          <span className="sw-faint">{t('gpu.none')}</span>
        </div>
      )}
    </div>
  )
}

interface BarProps {
  label: string
  held: number
  total: number
  show: (value: number) => string
}

function Bar({ label, held, total, show }: BarProps) {
  const t = useText(text)
  const share = total > 0 ? Math.min(held / total, 1) : 0
  const words = t('of', { held: show(held), total: show(total) })
  return (
    <div>
      <div className="overview-bar-head">
        <span>{label}</span>
        <span className="sw-num sw-soft">{words}</span>
      </div>
      <div
        className="overview-bar"
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

function amount(resources: Amounts, name: string): number {
  const value = resources[name]
  return typeof value === 'number' ? value : 0
}
