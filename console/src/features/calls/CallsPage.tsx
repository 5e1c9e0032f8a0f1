import { DownloadOutlined, LineChartOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, DatePicker, Dropdown, Segmented, Select, Skeleton, Tag } from 'antd'
import dayjs from 'dayjs'
import { useNavigate, useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import { groupList } from '@/features/groups/queries'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { callReport, exportUrl, type Asked, type CallRange } from './queries'
import { Found } from './Found'
import { text } from './text'
import './calls.css'

const RANGES: CallRange[] = ['1h', 'today', 'yesterday', '7d', '15d']
const MOST_GROUPS = 200

export function CallsPage() {
  const t = useText(text)
  const [asked, narrow] = useAsked()
  const { data, error, refetch } = useQuery(callReport(asked))
  return (
    <Page title={t('title')} description={t('lead')} actions={<Export asked={asked} />}>
      <div className="sw-stack">
        <Narrowing asked={asked} narrow={narrow} names={data?.shares ?? []} />
        {error !== null ? <ErrorState error={error} onRetry={() => void refetch()} /> : null}
        {data === undefined && error === null ? <Skeleton active paragraph={{ rows: 8 }} /> : null}
        {data?.total.calls === 0 ? <NoCalls /> : null}
        {data !== undefined && data.total.calls > 0 ? (
          <Found report={data} onModel={(model) => narrow({ model })} />
        ) : null}
      </div>
    </Page>
  )
}

type Narrow = (change: Partial<Record<keyof Asked, string | null>>) => void

/** What the page shows stands in the address, so that a link to it shows the same. */
function useAsked(): [Asked, Narrow] {
  const [query, setQuery] = useSearchParams()
  const asked: Asked = {}
  for (const name of ['start', 'end', 'group', 'service', 'model'] as const) {
    const value = query.get(name)
    if (value !== null) asked[name] = value
  }
  if (asked.start === undefined) {
    asked.range = RANGES.find((one) => one === query.get('range')) ?? 'today'
  }
  const narrow: Narrow = (change) => {
    const next = new URLSearchParams(query)
    for (const [name, value] of Object.entries(change)) {
      if (value === null) next.delete(name)
      else next.set(name, value)
    }
    setQuery(next, { replace: true })
  }
  return [asked, narrow]
}

interface NarrowingProps {
  asked: Asked
  narrow: Narrow
  names: readonly {
    group_id: string
    group_name: string
    service_id: string
    service_name: string
  }[]
}

function Narrowing({ asked, narrow, names }: NarrowingProps) {
  const t = useText(text)
  const { data } = useQuery(groupList({ limit: MOST_GROUPS, order: 'name' }))
  const groups = new Map(data?.items.map(({ id, name }) => [id, name]))
  for (const one of names) {
    if (one.group_id !== '' && !groups.has(one.group_id)) groups.set(one.group_id, one.group_name)
  }
  if (asked.group !== undefined && !groups.has(asked.group)) groups.set(asked.group, asked.group)
  const service = names.find(({ service_id }) => service_id === asked.service)?.service_name
  return (
    <div className="sw-row calls-narrowing">
      <Segmented<CallRange | ''>
        aria-label={t('range')}
        value={asked.range ?? ''}
        onChange={(range) => narrow({ range, start: null, end: null })}
        options={RANGES.map((value) => ({ value, label: t(`range.${value}`) }))}
      />
      <DatePicker.RangePicker
        showTime={{ format: 'HH:mm' }}
        format="YYYY-MM-DD HH:mm"
        aria-label={t('range')}
        placeholder={[t('from'), t('to')]}
        value={
          asked.start === undefined
            ? null
            : [dayjs(asked.start), asked.end ? dayjs(asked.end) : null]
        }
        onChange={(both) =>
          narrow({
            range: null,
            start: both?.[0]?.toISOString() ?? null,
            end: both?.[1]?.toISOString() ?? null,
          })
        }
      />
      <Select
        className="calls-group"
        aria-label={t('group')}
        showSearch={{ optionFilterProp: 'label' }}
        value={asked.group ?? ''}
        onChange={(id: string) => narrow({ group: id === '' ? null : id })}
        options={[
          { value: '', label: t('allGroups') },
          ...[...groups].map(([value, label]) => ({ value, label })),
        ]}
      />
      {asked.model === undefined ? null : (
        <Tag closable onClose={() => narrow({ model: null })}>
          {t('model')}: {asked.model || t('unnamed')}
        </Tag>
      )}
      {asked.service === undefined ? null : (
        <Tag closable onClose={() => narrow({ service: null })}>
          {t('service')}: {service ?? asked.service}
        </Tag>
      )}
    </div>
  )
}

function NoCalls() {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <Panel>
      <EmptyState
        icon={<LineChartOutlined aria-hidden />}
        title={t('none')}
        hint={t('noneHint')}
        action={<Button onClick={() => void navigate('/service-groups')}>{t('toGroups')}</Button>}
      />
    </Panel>
  )
}

function Export({ asked }: { asked: Asked }) {
  const t = useText(text)
  const items = (['csv', 'xlsx'] as const).map((format) => ({
    key: format,
    label: (
      <a href={exportUrl(asked, format)} download>
        {t(format)}
      </a>
    ),
  }))
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button icon={<DownloadOutlined aria-hidden />}>{t('export')}</Button>
    </Dropdown>
  )
}
