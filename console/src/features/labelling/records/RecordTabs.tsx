import { useText } from '@/base/text'
import type { Shown, Task } from '../queries'
import { text } from '../work/text'
import './records.css'

interface Props {
  task: Task
  shown: Shown
  onShown: (shown: Shown) => void
}

/** Which records one walks through, with how many there are. */
export function RecordTabs({ task, shown, onShown }: Props) {
  const t = useText(text)
  const { counts, needs_review: reviewed } = task
  const tabs: (readonly [Shown, number])[] = [
    ['all', counts.records],
    ['unlabelled', counts.unlabelled + counts.sent_back],
    ['labelled', counts.done],
    ...(reviewed
      ? ([
          ['to_review', counts.labelled],
          ['sent_back', counts.sent_back],
        ] as const)
      : []),
    ...(counts.deleted > 0 ? ([['deleted', counts.deleted]] as const) : []),
  ]
  return (
    <span className="record-tabs" role="tablist" aria-label={t('shown')}>
      {tabs.map(([tab, count]) => (
        <button
          key={tab}
          type="button"
          role="tab"
          aria-selected={tab === shown}
          onClick={() => onShown(tab)}
        >
          {t(`shown.${tab}` as 'shown.all')} <span className="sw-num">({count})</span>
        </button>
      ))}
    </span>
  )
}
