import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { Activity } from './Activity'
import { Counts } from './Counts'
import { FirstSteps } from './FirstSteps'
import './overview.css'
import { overview } from './queries'
import { ResourceBars } from './ResourceBars'
import { TaskStates } from './TaskStates'
import { text } from './text'

export function OverviewPage() {
  const t = useText(text)
  const { data, error, refetch } = useQuery(overview())
  return (
    <Page title={t('title')} description={t('lead')}>
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Skeleton active paragraph={{ rows: 8 }} />
        ) : null
      ) : (
        <div className="sw-stack">
          <Counts counts={data.counts} tasks={data.tasks} services={data.services} />
          {isEmpty(data.counts, data.tasks, data.services) ? <FirstSteps /> : null}
          <div className="overview-columns">
            <div className="sw-stack">
              <Panel title={t('resources')}>
                <ResourceBars resources={data.resources} />
              </Panel>
              <TaskStates tasks={data.tasks} />
            </div>
            <Panel title={t('activity')}>
              <Activity events={data.recent_events} />
            </Panel>
          </div>
        </div>
      )}
    </Page>
  )
}

function isEmpty(...amounts: Record<string, number>[]): boolean {
  return amounts.flatMap((amount) => Object.values(amount)).every((count) => count === 0)
}
