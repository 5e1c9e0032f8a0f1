import { useQuery } from '@tanstack/react-query'
import { formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { BarChart } from '@/ui/charts/Chart'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { FactsSkeleton } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { Count } from '@/ui/Quantity'
import { TextPanel } from './analysis/TextPanel'
import { Histogram } from './Histogram'
import { KINDS } from './kinds'
import { pageText } from './pageText'
import { ProblemTable } from './ProblemTable'
import { oneVersion, type ColumnStatistics, type Dataset, type VersionDetail } from './queries'

interface Props {
  dataset: Dataset
  number: number
}

export function StatisticsTab({ dataset, number }: Props) {
  const query = useQuery(oneVersion(dataset.id, number))
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  if (query.data === undefined) return <FactsSkeleton />
  const { statistics } = query.data
  return (
    <div className="sw-stack">
      <Warnings version={query.data} />
      {query.data.label_distribution.length > 0 ? <LabelDistribution version={query.data} /> : null}
      <Spreads statistics={statistics} />
      {statistics.fields.length > 0 ? <Fields fields={statistics.fields} /> : null}
      {KINDS[dataset.kind].shape === 'record' ? (
        <TextPanel key={number} id={dataset.id} number={number} />
      ) : null}
      {statistics.columns.length > 0 ? <Columns columns={statistics.columns} /> : null}
    </div>
  )
}

function Warnings({ version }: { version: VersionDetail }) {
  const p = useText(pageText)
  if (version.warning_count === 0) return null
  return (
    <Panel
      flush
      title={p('stats.warnings', { count: version.warning_count })}
      actions={<span className="sw-faint">{p('stats.warningsHint')}</span>}
    >
      <div className="datasets-scroll">
        <ProblemTable problems={version.warnings} />
      </div>
    </Panel>
  )
}

function LabelDistribution({ version }: { version: VersionDetail }) {
  const p = useText(pageText)
  const { label_distribution: labels, other_count: other } = version
  const total = labels.reduce((sum, { count }) => sum + count, other)
  const rows =
    other === 0
      ? labels
      : [
          ...labels,
          {
            name: p('stats.otherLabels'),
            count: other,
            share_percent: (100 * other) / total,
          },
        ]
  return (
    <Panel title={p('stats.labels')}>
      <div className="datasets-split">
        <BarChart
          label={p('stats.labels')}
          horizontal
          height={Math.max(160, 34 + rows.length * 26)}
          categories={rows.map(({ name }) => name)}
          series={[{ name: p('stats.count'), values: rows.map(({ count }) => count) }]}
        />
        <DataTable
          label={p('stats.labels')}
          rows={rows}
          rowKey={({ name }) => name}
          columns={[
            { key: 'name', title: p('stats.label'), render: ({ name }) => name },
            {
              key: 'count',
              title: p('stats.count'),
              align: 'right',
              render: ({ count }) => <Count value={count} />,
            },
            {
              key: 'share',
              title: p('stats.share'),
              align: 'right',
              render: ({ share_percent: share }) => (
                <span className="sw-num">{share.toFixed(2)}%</span>
              ),
            },
          ]}
        />
      </div>
    </Panel>
  )
}

function Spreads({ statistics }: { statistics: VersionDetail['statistics'] }) {
  const p = useText(pageText)
  const { length, labels_per_image: perImage, width, height, size_bytes: size } = statistics
  const spreads = [
    { key: 'stats.length', numbers: length, bytes: false },
    { key: 'stats.perImage', numbers: perImage, bytes: false },
    { key: 'stats.width', numbers: width, bytes: false },
    { key: 'stats.height', numbers: height, bytes: false },
    { key: 'stats.fileSize', numbers: size, bytes: true },
  ] as const
  const formats = Object.entries(statistics.formats)
  return (
    <div className="sw-grid">
      {spreads.map(({ key, numbers, bytes }) =>
        numbers ? (
          <Panel key={key} title={p(key)}>
            <Histogram label={p(key)} numbers={numbers} bytes={bytes} whole={!bytes} />
          </Panel>
        ) : null,
      )}
      {formats.length > 0 ? (
        <Panel title={p('stats.formats')}>
          <BarChart
            label={p('stats.formats')}
            height={180}
            categories={formats.map(([name]) => name)}
            series={[{ name: p('stats.samples'), values: formats.map(([, count]) => count) }]}
          />
        </Panel>
      ) : null}
    </div>
  )
}

function Fields({ fields }: { fields: VersionDetail['statistics']['fields'] }) {
  const p = useText(pageText)
  const number = (value: number | null | undefined) =>
    value == null ? <span className="sw-faint">–</span> : formatMetric(value)
  return (
    <Panel flush title={p('stats.fields')}>
      <DataTable
        label={p('stats.fields')}
        rows={fields}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: p('stats.field'), render: ({ name }) => <code>{name}</code> },
          { key: 'types', title: p('stats.types'), render: ({ types }) => typeWords(types) },
          {
            key: 'count',
            title: p('stats.present'),
            align: 'right',
            render: ({ count }) => <Count value={count} />,
          },
          ...(['mean', 'median', 'p95', 'max'] as const).map((key) => ({
            key,
            title: p(`stats.${key}`),
            align: 'right' as const,
            render: ({ length }: (typeof fields)[number]) => (
              <span className="sw-num">{number(length?.[key])}</span>
            ),
          })),
        ]}
      />
    </Panel>
  )
}

/** `string`, or `string 98%, null 2%` where records differ. */
function typeWords(types: Record<string, number>): string {
  const all = Object.entries(types).sort(([, a], [, b]) => b - a)
  const total = all.reduce((sum, [, count]) => sum + count, 0)
  if (all.length === 1) return all[0]?.[0] ?? ''
  return all.map(([name, count]) => `${name} ${Math.round((100 * count) / total)}%`).join(', ')
}

function Columns({ columns }: { columns: readonly ColumnStatistics[] }) {
  const p = useText(pageText)
  return (
    <Panel flush title={p('stats.columns')}>
      <DataTable
        label={p('stats.columns')}
        rows={columns}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: p('stats.column'), render: ({ name }) => <code>{name}</code> },
          { key: 'type', title: p('stats.types'), render: ({ type }) => p(`type.${type}`) },
          {
            key: 'distinct',
            title: p('stats.distinct'),
            align: 'right',
            render: ({ distinct_count: count }) =>
              count === null ? p('stats.many') : <Count value={count} />,
          },
          {
            key: 'empty',
            title: p('stats.emptyCells'),
            align: 'right',
            render: ({ empty_count: count }) => <Count value={count} />,
          },
          {
            key: 'mean',
            title: p('stats.mean'),
            align: 'right',
            render: ({ numbers }) => (
              <span className="sw-num">{numbers ? formatMetric(numbers.mean) : '–'}</span>
            ),
          },
          {
            key: 'range',
            title: p('stats.range'),
            align: 'right',
            render: ({ numbers }) => (
              <span className="sw-num">
                {numbers ? `${formatMetric(numbers.min)} – ${formatMetric(numbers.max)}` : '–'}
              </span>
            ),
          },
        ]}
      />
    </Panel>
  )
}
