import { BarChartOutlined } from '@ant-design/icons'
import { Button, Popover } from 'antd'
import { useText } from '@/base/text'
import { BarChart } from '@/ui/charts/Chart'
import { DataTable } from '@/ui/DataTable'
import { Histogram } from '../Histogram'
import type { ColumnStatistics, RowSample } from '../queries'
import { pageText } from '../pageText'
import { text } from './text'

const SHOWN_VALUES = 12

interface Props {
  rows: readonly RowSample[]
  columns: readonly ColumnStatistics[]
}

/** Rows of a table; the head of a column shows how its values are spread over the whole of it. */
export function Rows({ rows, columns }: Props) {
  const names =
    columns.length > 0 ? columns.map(({ name }) => name) : Object.keys(rows[0]?.fields ?? {})
  return (
    <DataTable
      label={names.join(', ')}
      rows={rows}
      rowKey={(row) => String(row.index)}
      columns={[
        {
          key: '#index',
          title: '#',
          align: 'right',
          render: (row) => <span className="sw-faint sw-num">{row.index + 1}</span>,
        },
        ...names.map((name) => {
          const column = columns.find((one) => one.name === name)
          return {
            key: name,
            title: column ? <ColumnHead column={column} /> : name,
            align: column?.numbers ? ('right' as const) : ('left' as const),
            render: ({ fields }: RowSample) => (
              <span className={column?.numbers ? 'sw-num' : 'datasets-cell'} title={fields[name]}>
                {fields[name] === '' ? <span className="sw-faint">–</span> : fields[name]}
              </span>
            ),
          }
        }),
      ]}
    />
  )
}

function ColumnHead({ column }: { column: ColumnStatistics }) {
  const t = useText(text)
  const p = useText(pageText)
  return (
    <Popover
      trigger="click"
      title={column.name}
      destroyOnHidden
      content={<Distribution column={column} />}
    >
      <Button
        type="text"
        size="small"
        className="datasets-column"
        aria-label={t('column.show', { name: column.name })}
        icon={<BarChartOutlined aria-hidden />}
        iconPlacement="end"
      >
        <span>
          {column.name}
          <small>{p(`type.${column.type}`)}</small>
        </span>
      </Button>
    </Popover>
  )
}

function Distribution({ column }: { column: ColumnStatistics }) {
  const t = useText(text)
  const { values, numbers, distinct_count: distinct, empty_count: empty } = column
  return (
    <div className="datasets-distribution">
      <p className="sw-faint">
        {distinct === null ? t('column.many') : t('column.distinct', { count: distinct })}
        {empty > 0 ? ` · ${t('column.empty', { count: empty })}` : ''} · {t('column.whole')}
      </p>
      {numbers ? (
        <Histogram label={column.name} numbers={numbers} whole={column.type === 'int'} />
      ) : values && values.length > 0 ? (
        <Values column={column.name} values={values} />
      ) : null}
    </div>
  )
}

function Values({ column, values }: { column: string; values: readonly [string, number][] }) {
  const t = useText(text)
  const shown = [...values].sort(([, a], [, b]) => b - a).slice(0, SHOWN_VALUES)
  return (
    <>
      {shown.length < values.length ? (
        <p className="sw-faint">{t('column.top', { count: shown.length, total: values.length })}</p>
      ) : null}
      <BarChart
        label={column}
        horizontal
        height={40 + shown.length * 24}
        categories={shown.map(([value]) => value)}
        series={[{ name: t('column.value'), values: shown.map(([, count]) => count) }]}
      />
    </>
  )
}
