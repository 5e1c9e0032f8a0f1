import { useQuery } from '@tanstack/react-query'
import { Segmented, Skeleton } from 'antd'
import { useState } from 'react'
import { formatDuration } from '@/base/format'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { qualityOf, type Quality } from './queries'
import { text } from './text'

const PERIODS = [1, 7, 30, 90] as const
type Days = (typeof PERIODS)[number]
const DAY_MS = 86_400_000

/** How good the answers were found, by service (PLY-16). */
export function QualityTab() {
  const t = useText(text)
  const [days, setDays] = useState<Days>(30)
  // The day changes at midnight of UTC, as the counts do.
  const [today] = useState(() => Date.now())
  const day = (back: number) => new Date(today - back * DAY_MS).toISOString().slice(0, 10)
  const { data, error, refetch } = useQuery(qualityOf(day(days - 1), day(0)))
  return (
    <div className="sw-stack">
      <div className="sw-row playground-history-foot">
        <Segmented<Days>
          aria-label={t('period')}
          value={days}
          onChange={setDays}
          options={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))}
        />
        <span className="sw-faint">{t('quality.hint')}</span>
      </div>
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton active />
      ) : data.items.length === 0 ? (
        <EmptyState title={t('quality.none')} />
      ) : (
        <QualityTable rows={data.items} />
      )}
    </div>
  )
}

function QualityTable({ rows }: { rows: readonly Quality[] }) {
  const t = useText(text)
  return (
    <DataTable
      label={t('history.quality')}
      rows={rows}
      rowKey={({ service_id }) => service_id}
      columns={[
        { key: 'service', title: t('service'), render: ({ service_name }) => service_name },
        {
          key: 'answers',
          title: t('quality.answers'),
          align: 'right',
          render: (one) => one.answers,
        },
        { key: 'good', title: t('quality.good'), render: (one) => <Share of={one} /> },
        {
          key: 'failed',
          title: t('quality.failed'),
          align: 'right',
          render: ({ failed, stopped }) => `${failed} / ${stopped}`,
        },
        {
          key: 'first',
          title: t('quality.first'),
          align: 'right',
          render: ({ mean_first_ms: ms }) => (ms === null ? '–' : formatDuration(ms / 1000)),
        },
      ]}
    />
  )
}

/** Thumbs up and down as one bar. */
function Share({ of: { up, down } }: { of: Quality }) {
  const t = useText(text)
  const share = up + down === 0 ? 0 : up / (up + down)
  return (
    <span className="playground-share" title={t('quality.thumbs', { up, down })}>
      <span className="sw-num">
        {up} : {down}
      </span>
      <i aria-hidden data-none={up + down === 0}>
        <b style={{ width: `${share * 100}%` }} />
      </i>
    </span>
  )
}
