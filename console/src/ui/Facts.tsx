import { Skeleton } from 'antd'
import type { ReactNode } from 'react'

export interface Fact {
  key: string
  label: ReactNode
  value: ReactNode
  /** Takes the whole width: long paths, commands. */
  wide?: boolean
}

/** Labelled values in a calm grid. */
export function Facts({ items, columns = 2 }: { items: readonly Fact[]; columns?: 1 | 2 | 3 }) {
  return (
    <dl className="sw-facts" data-columns={columns}>
      {items.map(({ key, label, value, wide }) => (
        <div key={key} className={wide ? 'sw-fact sw-fact-wide' : 'sw-fact'}>
          <dt>{label}</dt>
          <dd>{value ?? <span className="sw-faint">–</span>}</dd>
        </div>
      ))}
    </dl>
  )
}

export function FactsSkeleton() {
  return <Skeleton active title={false} paragraph={{ rows: 5 }} />
}
