import { DownloadOutlined, HistoryOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, DatePicker, Dropdown } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { useMe } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { eventWords } from '@/ui/events'
import type { Filter } from '@/ui/FilterBar'
import { ListPage } from '@/ui/ListPage'
import { useListState, type ListState } from '@/ui/listState'
import { TimeText } from '@/ui/TimeText'
import { EventDrawer } from './EventDrawer'
import { eventHistory, eventQuery, exportUrl, type EventQuery, type PlatformEvent } from './queries'
import { text } from './text'

const AREAS = [
  'training',
  'data',
  'model',
  'environment',
  'repository',
  'tensorboard',
  'tracking',
  'service',
  'evaluation',
  'storage',
  'search',
  'resource-group',
  'node',
  'alert',
  'logs',
  'iam',
  'platform',
] as const

/** The history: who did what, when, to which object. */
export function EventsPage() {
  const t = useText(text)
  const list = useListState({
    filters: ['service', 'subject', 'who', 'start', 'end', 'platform'],
  })
  const asked = eventQuery(list)
  const query = useQuery(eventHistory(asked))
  const [shown, setShown] = useState<PlatformEvent | null>(null)
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={<Export query={asked} />}
        list={list}
        query={query}
        searchHint={t('search')}
        filters={useFilters()}
        extra={<Range list={list} />}
        rowKey={(event) => event.id}
        rowName={(event) => event.type}
        columns={useColumns()}
        actions={(event) => [{ key: 'details', label: t('details'), run: () => setShown(event) }]}
        empty={
          <EmptyState
            icon={<HistoryOutlined aria-hidden />}
            title={t('empty')}
            hint={t('emptyHint')}
          />
        }
      />
      <EventDrawer event={shown} onClose={() => setShown(null)} />
    </>
  )
}

function useFilters(): Filter[] {
  const t = useText(text)
  const { user } = useMe()
  return [
    {
      kind: 'choice',
      key: 'service',
      label: t('area'),
      options: AREAS.map((area) => ({ value: area, label: t(`area.${area}`) })),
    },
    { kind: 'words', key: 'subject', label: t('subject'), hint: t('subject.hint') },
    { kind: 'words', key: 'who', label: t('whoFilter'), hint: t('who.hint') },
    ...(user.is_admin
      ? [{ kind: 'switch' as const, key: 'platform', label: t('everywhere') }]
      : []),
  ]
}

function Range({ list }: { list: ListState }) {
  const t = useText(text)
  const at = (key: string) => {
    const value = list.filters[key]?.[0]
    return value === undefined ? null : dayjs(value)
  }
  const pick = (key: 'start' | 'end', value: dayjs.Dayjs | null) =>
    list.setFilter(key, value === null ? [] : [value.toISOString()])
  return (
    <>
      {(['start', 'end'] as const).map((key) => (
        <DatePicker
          key={key}
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          aria-label={t(key === 'start' ? 'from' : 'to')}
          placeholder={t(key === 'start' ? 'from' : 'to')}
          value={at(key)}
          onChange={(value) => pick(key, value)}
        />
      ))}
    </>
  )
}

function Export({ query }: { query: EventQuery }) {
  const t = useText(text)
  const items = (['csv', 'json'] as const).map((format) => ({
    key: format,
    label: (
      <a href={exportUrl(query, format)} download>
        {t(format === 'csv' ? 'exportCsv' : 'exportJson')}
      </a>
    ),
  }))
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button icon={<DownloadOutlined aria-hidden />}>{t('export')}</Button>
    </Dropdown>
  )
}

function useColumns(): Column<PlatformEvent>[] {
  const t = useText(text)
  const [language] = usePreference('language')
  return [
    {
      key: 'time',
      title: t('time'),
      render: (event) => <TimeText value={event.time} absolute />,
    },
    {
      key: 'event',
      title: t('event'),
      render: (event) => (
        <span className="sw-name">
          <span>{eventWords(event.type, language)}</span>
          <small>{event.type}</small>
        </span>
      ),
    },
    {
      key: 'object',
      title: t('object'),
      render: (event) => (
        <span className="sw-name">
          <span>{nameOf(event)}</span>
          <small>{event.subject_id}</small>
        </span>
      ),
    },
    {
      key: 'who',
      title: t('who'),
      render: (event) =>
        event.actor ?? event.actor_id ?? <span className="sw-faint">{t('platform')}</span>,
    },
  ]
}

function nameOf({ data, subject_kind }: PlatformEvent): string {
  const found = [data.taskName, data.name, data.resource_name].find(
    (one) => typeof one === 'string' && one !== '',
  )
  return typeof found === 'string' ? found : subject_kind
}
