import { LineChartOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { DetailPage } from '@/ui/DetailPage'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { Page, Panel } from '@/ui/Page'
import { TimeText } from '@/ui/TimeText'
import { RunTime } from '../RunTime'
import { storageLink } from '../storageLink'
import { MetricCurves } from '../tabs/MetricCurves'
import { text } from '../text'
import '../training.css'
import { useRunActions } from './actions'
import { oneRun, runMetrics, type RunDetail } from './queries'
import { runsText } from './text'

export function RunPage() {
  const t = useText(runsText)
  const { id = '', tab } = useParams()
  const navigate = useNavigate()
  const actions = useRunActions(() => void navigate('/runs', { replace: true }))
  const { data: run, error, refetch } = useQuery(oneRun(id))
  const back = { to: '/runs', label: t('title') }
  if (run === undefined) {
    return (
      <Page title={id} back={back}>
        {error === null ? (
          <Skeleton active paragraph={{ rows: 8 }} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Page>
    )
  }
  return (
    <DetailPage
      title={run.name}
      id={run.id}
      state={run.state}
      back={back}
      path={`/runs/${run.id}`}
      actions={actions(run)}
      tab={tab}
      tabs={[
        { key: 'overview', label: t('tab.overview'), render: () => <Overview run={run} /> },
        { key: 'metrics', label: t('tab.metrics'), render: () => <Metrics run={run} /> },
      ]}
    />
  )
}

function Overview({ run }: { run: RunDetail }) {
  const t = useText(runsText)
  const words = useText(text)
  return (
    <div className="sw-stack">
      <Panel title={t('facts')}>
        <Facts
          items={[
            { key: 'experiment', label: t('experiment'), value: run.experiment },
            { key: 'creator', label: words('creator'), value: run.creator },
            { key: 'started', label: t('started'), value: <TimeText value={run.started_at} /> },
            { key: 'runTime', label: t('runTime'), value: <RunTime task={run} /> },
            { key: 'ended', label: words('ended'), value: <TimeText value={run.ended_at} /> },
            {
              key: 'files',
              label: t('files'),
              value: <Link to={storageLink(run.artifacts)}>{run.artifacts}</Link>,
              wide: true,
            },
          ]}
        />
      </Panel>
      <Values title={t('parameters')} values={run.parameters} />
      <Values title={t('tags')} values={run.tags} />
    </div>
  )
}

function Values({ title, values }: { title: string; values: Record<string, string> }) {
  const t = useText(runsText)
  const items = Object.entries(values).map(([key, value]) => ({
    key,
    label: key,
    value: <span className="sw-mono">{value}</span>,
  }))
  return (
    <Panel title={title}>
      {items.length === 0 ? <p className="sw-faint">{t('none')}</p> : <Facts items={items} />}
    </Panel>
  )
}

function Metrics({ run }: { run: RunDetail }) {
  const t = useText(runsText)
  const { data, error, refetch } = useQuery(runMetrics(run.id, run.state === 'Running'))
  if (error !== null && data === undefined) {
    return <ErrorState error={error} onRetry={() => void refetch()} />
  }
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  if (data.items.length > 0) return <MetricCurves items={data.items} nameOf={() => run.name} />
  return (
    <Panel>
      <EmptyState
        icon={<LineChartOutlined aria-hidden />}
        title={t('metrics.empty')}
        hint={t('metrics.emptyHint')}
      />
    </Panel>
  )
}
