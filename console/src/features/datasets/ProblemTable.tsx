import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import type { ProblemView } from './queries'
import { text } from './text'

/** Problems of data with file and line, so that an editor opens at the right place. */
export function ProblemTable({ problems }: { problems: readonly ProblemView[] }) {
  const t = useText(text)
  const withRecord = problems.some(({ record }) => record !== null)
  const withLine = problems.some(({ line }) => line !== null)
  const rows = problems.map((problem, index) => ({ ...problem, key: String(index) }))
  return (
    <DataTable
      label={t('problems.first', { count: problems.length })}
      rows={rows}
      rowKey={({ key }) => key}
      columns={[
        {
          key: 'file',
          title: t('problems.file'),
          render: ({ file }) => <span className="sw-mono">{file ?? '–'}</span>,
        },
        ...(withLine
          ? [
              {
                key: 'line',
                title: t('problems.line'),
                align: 'right' as const,
                render: ({ line }: ProblemView) => <span className="sw-num">{line ?? '–'}</span>,
              },
            ]
          : []),
        ...(withRecord
          ? [
              {
                key: 'record',
                title: t('problems.record'),
                render: ({ record }: ProblemView) => (
                  <span className="sw-nowrap">{record ?? '–'}</span>
                ),
              },
            ]
          : []),
        {
          key: 'message',
          title: t('problems.message'),
          width: '100%',
          render: ({ message }) => <span className="datasets-wrap">{message}</span>,
        },
      ]}
    />
  )
}
