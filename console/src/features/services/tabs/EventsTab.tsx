import { ReloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Switch } from 'antd'
import { useState } from 'react'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { eventWords } from '@/ui/events'
import { Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { serviceEvents, versionEvents, type MergedEvent, type ServiceDetail } from '../queries'
import { text } from '../text'
import { useOnly } from '../versionChoice'

/** What happened to the service or to one version of it, the latest first. */
export function EventsTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const only = useOnly()
  const { data, error, refetch } = useQuery(
    only === null ? serviceEvents(service.id) : versionEvents(service.id, only),
  )
  // New events arrive by themselves; switched off, what is shown stays until it is asked for.
  const [kept, keep] = useState<{ only: string | null; rows: MergedEvent[] } | null>(null)
  const setHeld = (rows: MergedEvent[] | null) => keep(rows === null ? null : { only, rows })
  // Of another version than the one that is shown now, nothing is kept.
  const held = kept?.only === only ? kept.rows : null
  const columns = useColumns()
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Panel
      title={<span className="sw-faint services-lead">{t('events.lead')}</span>}
      actions={
        <span className="sw-row">
          {held === null ? null : (
            <Button
              size="small"
              icon={<ReloadOutlined aria-hidden />}
              onClick={() => void refetch().then((found) => setHeld(found.data?.items ?? []))}
            >
              {t('events.refresh')}
            </Button>
          )}
          <label className="sw-row">
            <Switch
              size="small"
              aria-label={t('events.auto')}
              checked={held === null}
              onChange={(on) => setHeld(on ? null : (data?.items ?? []))}
            />
            {t('events.auto')}
          </label>
        </span>
      }
      flush
    >
      <DataTable
        label={t('tab.events')}
        rows={held ?? data?.items ?? []}
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
      key: 'first',
      title: t('event.first'),
      render: ({ first_seen }) => <TimeText value={first_seen} absolute />,
    },
    {
      key: 'last',
      title: t('event.last'),
      render: ({ last_seen }) => <TimeText value={last_seen} absolute />,
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
    { key: 'type', title: t('event.type'), render: ({ resource_type }) => resource_type },
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
