import { useQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { Purposes } from './EnvironmentsPage'
import { environmentOptions } from './queries'
import { text } from './text'

/** Those that come with the platform, also the ones whose packages are missing, with the reason. */
export function BuiltInTable() {
  const t = useText(text)
  const { data, error, isPending, refetch } = useQuery(environmentOptions())
  if (error !== null) return <ErrorState error={error} onRetry={refetch} />
  return (
    <Panel flush title={t('builtIn')}>
      <DataTable
        label={t('builtIn')}
        rows={data?.built_in ?? []}
        rowKey={(one) => one.id}
        loading={isPending}
        columns={[
          {
            key: 'name',
            title: t('name'),
            render: ({ id, name }) => (
              <span className="sw-name">
                <strong>{name}</strong>
                <small className="sw-mono">{id}</small>
              </span>
            ),
          },
          {
            key: 'state',
            title: t('state'),
            render: ({ unavailable }) => (
              <StatusTag
                state={unavailable === null ? 'available' : 'unavailable'}
                reason={unavailable}
              />
            ),
          },
          { key: 'framework', title: t('framework'), render: ({ framework }) => framework },
          { key: 'python', title: t('python'), render: ({ python }) => python },
          {
            key: 'purposes',
            title: t('purposes'),
            render: ({ purposes }) => <Purposes purposes={purposes} />,
          },
          { key: 'modes', title: t('modes'), render: ({ modes }) => modes.join(', ') || '–' },
          {
            key: 'packages',
            title: t('tab.packages'),
            render: ({ packages }) => packages.join(', ') || '–',
          },
        ]}
      />
    </Panel>
  )
}
