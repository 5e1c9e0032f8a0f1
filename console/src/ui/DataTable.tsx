import { Table, type TableColumnType } from 'antd'
import type { Key, ReactNode } from 'react'
import { useText } from '@/base/text'
import { Actions, type Action } from './actions'
import { text } from './text'

export interface Column<Row> {
  key: string
  title: ReactNode
  render: (row: Row) => ReactNode
  /** The API's name of this order; the column can then be sorted. */
  sortBy?: string
  width?: number | string
  align?: 'left' | 'right' | 'center'
  ellipsis?: boolean
}

export interface DataTableProps<Row> {
  rows: readonly Row[]
  rowKey: (row: Row) => string
  columns: readonly Column<Row>[]
  /** What the table lists, for readers that do not see the page's title. */
  label: string
  loading?: boolean
  /** `-created_at` and so on; with `onOrder`, heads of columns with `sortBy` can be clicked. */
  order?: string
  onOrder?: (order: string) => void
  actions?: (row: Row) => readonly Action[]
  rowName?: (row: Row) => string
  selected?: readonly string[]
  onSelect?: (keys: string[]) => void
  empty?: ReactNode
  expandedRow?: (row: Row) => ReactNode
}

/** A dense table that holds no state: rows, order and selection come from outside. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const t = useText(text)
  const { rows, rowKey, columns, order, onOrder, actions, rowName, selected, onSelect } = props
  const shown = columns.map((column) => antdColumn(column, order))
  if (actions) {
    shown.push({
      key: 'actions',
      title: t('actions'),
      align: 'right',
      width: 1,
      fixed: 'end',
      className: 'sw-cell-actions',
      render: (_, row) => <Actions actions={actions(row)} of={rowName?.(row)} link />,
    })
  }
  return (
    <Table<Row>
      size="small"
      aria-label={props.label}
      className="sw-table"
      columns={shown}
      dataSource={[...rows]}
      rowKey={rowKey}
      loading={props.loading ? { delay: 250 } : false}
      pagination={false}
      scroll={{ x: 'max-content' }}
      sortDirections={['descend', 'ascend', 'descend']}
      showSorterTooltip={false}
      locale={{ emptyText: props.loading ? <div className="sw-table-wait" /> : props.empty }}
      rowSelection={
        onSelect && {
          selectedRowKeys: [...(selected ?? [])],
          onChange: (keys) => onSelect(keys.map(String)),
        }
      }
      expandable={props.expandedRow && { expandedRowRender: props.expandedRow }}
      onChange={(_, __, sorter) => {
        const { columnKey, order: direction } = Array.isArray(sorter) ? (sorter[0] ?? {}) : sorter
        const sortBy = sortKey(columns, columnKey)
        if (sortBy !== undefined) onOrder?.(direction === 'ascend' ? sortBy : `-${sortBy}`)
      }}
    />
  )
}

function sortKey<Row>(columns: readonly Column<Row>[], key: Key | undefined): string | undefined {
  return columns.find((column) => column.key === key)?.sortBy
}

function antdColumn<Row>(column: Column<Row>, order: string | undefined): TableColumnType<Row> {
  const { key, title, render, sortBy, width, align, ellipsis } = column
  const sorted = sortBy !== undefined && order?.replace('-', '') === sortBy
  const direction = order?.startsWith('-') ? ('descend' as const) : ('ascend' as const)
  return {
    key,
    title,
    width,
    align,
    ellipsis,
    render: (_, row) => render(row),
    ...(sortBy === undefined ? {} : { sorter: true, sortOrder: sorted ? direction : null }),
  }
}
