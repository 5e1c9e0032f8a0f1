import { useQuery } from '@tanstack/react-query'
import { Drawer, Select, Skeleton } from 'antd'
import { useState } from 'react'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { BarChart } from '@/ui/charts/Chart'
import { ErrorState } from '@/ui/ErrorState'
import { Count } from '@/ui/Quantity'
import { binName } from '../Histogram'
import type { PreviewState } from '../preview/previewState'
import { facet, searchFields, type Facet } from './queries'
import { narrowed, quoted } from './query'
import { text } from './text'

interface Props {
  id: string
  number: number
  state: PreviewState
  ready: boolean
  open: boolean
  onClose: () => void
}

/** Values of one field over the samples that match; a click on one narrows the search. */
export function FacetsDrawer({ id, number, state, ready, open, onClose }: Props) {
  const t = useText(text)
  const [chosen, setChosen] = useState<string | null>(null)
  const fields = useQuery({ ...searchFields(id, number), enabled: ready && open }).data?.items ?? []
  const field = chosen ?? fields[0]?.name ?? ''
  const query = useQuery({
    ...facet(id, number, field, state.q),
    enabled: ready && open && field !== '',
  })
  const narrow = (condition: string) => state.change({ q: narrowed(state.q, condition) })
  return (
    <Drawer open={open} onClose={onClose} size={520} title={t('facets')} mask={false}>
      <div className="sw-stack">
        <span className="sw-soft">{t('facetsHint')}</span>
        <Select<string>
          aria-label={t('facets')}
          value={field === '' ? undefined : field}
          onChange={setChosen}
          showSearch={{ optionFilterProp: 'label' }}
          options={fields.map(({ name }) => ({ value: name, label: name }))}
        />
        {query.error !== null ? <ErrorState error={query.error} /> : null}
        {query.data === undefined ? (
          <Skeleton active />
        ) : (
          <Values facet={query.data} onNarrow={narrow} />
        )}
      </div>
    </Drawer>
  )
}

function Values({ facet: found, onNarrow }: { facet: Facet; onNarrow: (query: string) => void }) {
  const t = useText(text)
  const top = Math.max(1, ...found.values.map(([, count]) => count))
  const name = quoted(found.field)
  return (
    <>
      <span className="sw-faint">
        {found.bins.length > 0
          ? found.of_length
            ? t('lengths')
            : null
          : t('about', { count: found.distinct_count })}
        {found.empty_count > 0 ? ` · ${t('emptyValues', { count: found.empty_count })}` : ''}
      </span>
      {found.bins.length > 0 ? (
        <BarChart
          label={found.field}
          height={220}
          categories={found.bins.map(([from, to]) => binName(from, to, false, formatMetric))}
          series={[{ name: found.field, values: found.bins.map(([, , count]) => count) }]}
        />
      ) : null}
      <ul className="datasets-facet">
        {found.values.map(([value, count]) => (
          <li key={value}>
            <button
              type="button"
              title={t('only', { value })}
              onClick={() =>
                onNarrow(
                  found.type === 'json'
                    ? `${name} ~ ${quoted(value)}`
                    : `${name} = ${quoted(value)}`,
                )
              }
            >
              <i style={{ width: `${(100 * count) / top}%` }} aria-hidden />
              <span>{value}</span>
              <Count value={count} />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
