import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Switch } from 'antd'
import { useSearchParams } from 'react-router'
import { apiUrl } from '@/api/client'
import { useMe } from '@/api/session'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { tidy } from '../amounts'
import { cardHours, GROUPED_BY, RANGES, rangeOf, type CardHours, type GroupedBy } from '../queries'
import { text } from '../text'
import { IdleCards } from './IdleCards'

/** `/resources/usage`: card-hours asked, held and used, and cards that nobody uses (RES-X8). */
export function CardUsagePage() {
  const t = useText(text)
  const { user } = useMe()
  const [search, setSearch] = useSearchParams()
  const by = GROUPED_BY.find((one) => one === search.get('by')) ?? 'project'
  const days = RANGES.find((one) => String(one) === search.get('days')) ?? 30
  const all = user.is_admin && search.get('all') === 'true'
  const put = (name: string, value: string) => {
    const next = new URLSearchParams(search)
    next.set(name, value)
    setSearch(next, { replace: true })
  }
  return (
    <Page
      title={t('usage')}
      description={t('usage.lead')}
      back={{ to: '/resources', label: t('title') }}
      actions={
        <>
          {user.is_admin ? (
            <span className="sw-row">
              <Switch
                id="all-projects"
                size="small"
                checked={all}
                onChange={(on) => put('all', String(on))}
              />
              <label htmlFor="all-projects">{t('usage.all')}</label>
            </span>
          ) : null}
          <Button
            href={apiUrl('/api/v1/usage/cards.csv', {
              by,
              start: rangeOf(days).start,
              all_projects: String(all),
            })}
            icon={<DownloadOutlined aria-hidden />}
          >
            {t('usage.csv')}
          </Button>
        </>
      }
    >
      <div className="sw-stack">
        <div className="sw-row">
          <Segmented<GroupedBy>
            aria-label={t('usage.by')}
            value={by}
            options={GROUPED_BY.map((value) => ({ value, label: t(`usage.by.${value}`) }))}
            onChange={(value) => put('by', value)}
          />
          <Segmented<number>
            aria-label={t('usage.range')}
            value={days}
            options={RANGES.map((value) => ({ value, label: t('usage.days', { count: value }) }))}
            onChange={(value) => put('days', String(value))}
          />
        </div>
        <Hours by={by} days={days} all={all} />
        <IdleCards all={all} />
      </div>
    </Page>
  )
}

function Hours({ by, days, all }: { by: GroupedBy; days: number; all: boolean }) {
  const t = useText(text)
  const { data, error, refetch } = useQuery(cardHours(by, days, all))
  const columns = useColumns(by)
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Panel flush title={t('usage.hours')}>
      <DataTable<CardHours>
        label={t('usage.hours')}
        rows={data?.items ?? []}
        rowKey={({ key }) => key}
        loading={data === undefined}
        columns={columns}
        empty={<EmptyState title={t('usage.none')} hint={t('usage.noneHint')} />}
      />
    </Panel>
  )
}

function useColumns(by: GroupedBy): Column<CardHours>[] {
  const t = useText(text)
  const hours = (key: 'asked_h' | 'held_h' | 'used_h'): Column<CardHours> => ({
    key,
    title: t(`usage.${key}`),
    align: 'right',
    render: (one) => <span className="sw-num">{tidy(one[key])}</span>,
  })
  return [
    {
      key: 'name',
      title: t(`usage.by.${by}`),
      render: ({ name }) => name || <span className="sw-faint">{t('usage.without')}</span>,
    },
    hours('asked_h'),
    hours('held_h'),
    hours('used_h'),
    {
      key: 'share',
      title: t('usage.busy'),
      align: 'right',
      render: ({ used_h, measured_h }) => (
        <span className="sw-num">
          {measured_h > 0 ? `${Math.round((100 * used_h) / measured_h)} %` : t('usage.unknown')}
        </span>
      ),
    },
  ]
}
