import { useQuery } from '@tanstack/react-query'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { eventWords } from '@/ui/events'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { serviceEvents, type MergedEvent, type ServiceDetail } from '../queries'
import { text } from '../text'

/** What happened to the service and its versions, the latest first. */
export function EventsTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(serviceEvents(service.id))
  const columns = useColumns()
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Panel title={<span className="sw-faint services-lead">{t('events.lead')}</span>} flush>
      <DataTable
        label={t('tab.events')}
        rows={data?.items ?? []}
        rowKey={(event) =>
          `${event.type} ${event.resource_name} ${event.first_seen} ${event.description}`
        }
        loading={data === undefined}
        columns={columns}
        empty={<EmptyState title={t('events.none')} />}
      />
    </Panel>
  )
}

function useColumns(): Column<MergedEvent>[] {
  const t = useText(text)
  const [language] = usePreference('language')
  return [
    {
      key: 'last',
      title: t('event.last'),
      render: ({ last_seen }) => <TimeText value={last_seen} absolute />,
    },
    {
      key: 'first',
      title: t('event.first'),
      render: ({ first_seen }) => <TimeText value={first_seen} absolute />,
    },
    {
      key: 'level',
      title: t('event.level'),
      render: ({ level }) => (
        <span data-tone={level === 'Warning' ? 'warn' : undefined} className="services-level">
          {level === 'Warning' ? t('level.Warning') : t('level.Normal')}
        </span>
      ),
    },
    {
      key: 'what',
      title: t('event.what'),
      render: ({ type }) => <span title={type}>{eventWords(type, language)}</span>,
    },
    {
      key: 'of',
      title: t('event.of'),
      render: ({ resource_name }) => <code>{resource_name}</code>,
    },
    {
      key: 'count',
      title: t('event.count'),
      align: 'right',
      render: ({ count }) => <span className="sw-num">{count}</span>,
    },
    {
      key: 'description',
      title: t('event.description'),
      render: ({ description }) => <span className="services-long">{description || '–'}</span>,
    },
  ]
}
