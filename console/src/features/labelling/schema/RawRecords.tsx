import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { samplePage } from '@/features/datasets/queries'
import { ErrorState } from '@/ui/ErrorState'
import { text } from './text'

const PAGE = 10

/** Records as they are in the files, a few at a time. */
export function RawRecords({ datasetId, version }: { datasetId: string; version: number }) {
  const t = useText(text)
  const [offset, setOffset] = useState(0)
  const { data, error, refetch } = useQuery(
    samplePage(datasetId, version, { offset, limit: PAGE, status: 'all' }),
  )
  const total = data?.total ?? 0
  const last = Math.min(offset + PAGE, total)
  return (
    <section className="schema-raw" aria-label={t('raw')}>
      <header className="schema-bar">
        <h2>{t('raw')}</h2>
        <span className="sw-soft sw-num">
          {total === 0 ? '' : t('raw.page', { first: offset + 1, last, total })}
        </span>
        <span className="label-group">
          <Button
            size="small"
            type="text"
            icon={<LeftOutlined aria-hidden />}
            aria-label={t('raw.earlier')}
            disabled={offset === 0}
            onClick={() => setOffset(Math.max(0, offset - PAGE))}
          />
          <Button
            size="small"
            type="text"
            icon={<RightOutlined aria-hidden />}
            aria-label={t('raw.later')}
            disabled={last >= total}
            onClick={() => setOffset(offset + PAGE)}
          />
        </span>
      </header>
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null ? <Skeleton active paragraph={{ rows: 8 }} /> : null}
      <ol start={offset + 1}>
        {(data?.items ?? []).map((sample, at) => (
          <li key={offset + at}>
            <pre>{JSON.stringify('fields' in sample ? sample.fields : sample, null, 2)}</pre>
          </li>
        ))}
      </ol>
    </section>
  )
}
