import { ReloadOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '@/base/text'
import { DataTable, type DataTableProps } from './DataTable'
import { EmptyState } from './EmptyState'
import { ErrorState } from './ErrorState'
import { FilterBar, type Filter } from './FilterBar'
import type { ListState } from './listState'
import { Page, Panel } from './Page'
import { Pager } from './Pager'
import { text } from './text'

/** The part of a query that a list shows; a TanStack query result fits. */
export interface ListData<Row> {
  data: { items: readonly Row[]; next_cursor?: string | null; total?: number } | undefined
  error: unknown
  isFetching: boolean
  refetch: () => unknown
}

type FromTable<Row> = Pick<
  DataTableProps<Row>,
  'rowKey' | 'columns' | 'actions' | 'rowName' | 'selected' | 'onSelect' | 'expandedRow' | 'label'
>

export interface ListProps<Row> extends FromTable<Row> {
  list: ListState
  query: ListData<Row>
  filters?: readonly Filter[]
  /** Shown where there is nothing at all: what this is and how to begin. */
  empty: ReactNode
  /** What can be done with the selected rows. */
  bulk?: ReactNode
  searchHint?: string
  /** Between the filters and the refresh button. */
  extra?: ReactNode
}

/** Search, filters, table and pager over one query. */
export function List<Row extends object>(props: ListProps<Row>) {
  const t = useText(text)
  const { list, query, filters, empty, bulk, searchHint, extra, ...table } = props
  const { data, error, isFetching } = query
  const nothingYet = data?.items.length === 0 && !list.narrowed && !list.canGoBack
  if (nothingYet && error === null) return <Panel>{empty}</Panel>
  const noMatch = (
    <EmptyState
      title={t('list.noMatch')}
      hint={t('list.noMatchHint')}
      action={<Button onClick={list.clearFilters}>{t('clearAll')}</Button>}
    />
  )
  return (
    <Panel flush>
      <div className="sw-toolbar">
        <FilterBar list={list} filters={filters ?? []} searchHint={searchHint} />
        {extra}
        <Tooltip title={t('refresh')}>
          <Button
            type="text"
            icon={<ReloadOutlined spin={isFetching} aria-hidden />}
            aria-label={t('refresh')}
            onClick={() => void query.refetch()}
          />
        </Tooltip>
      </div>
      {bulk && props.selected?.length ? (
        <div className="sw-bulk">
          {t('list.selected', { count: props.selected.length })}
          {bulk}
        </div>
      ) : null}
      {error !== null ? (
        <div className="sw-pad">
          <ErrorState error={error} onRetry={() => void query.refetch()} />
        </div>
      ) : null}
      {error !== null && data === undefined ? null : (
        <DataTable
          {...table}
          rows={data?.items ?? []}
          loading={data === undefined}
          order={list.order}
          onOrder={list.setOrder}
          empty={noMatch}
        />
      )}
      <Pager list={list} total={data?.total} nextCursor={data?.next_cursor ?? null} />
    </Panel>
  )
}

interface ListPageProps<Row> extends Omit<ListProps<Row>, 'label'> {
  title: string
  description?: ReactNode
  /** At the right of the title: usually the button that creates one. */
  primary?: ReactNode
}

/** A whole page that is one list. */
export function ListPage<Row extends object>(props: ListPageProps<Row>) {
  const { title, description, primary, ...list } = props
  return (
    <Page title={title} description={description} actions={primary}>
      <List label={title} {...list} />
    </Page>
  )
}
