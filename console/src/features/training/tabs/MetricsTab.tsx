import { LineChartOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { namesById } from '../name'
import { instanceList, isActive, taskMetrics, type TaskDetail } from '../queries'
import { text } from '../text'
import { MetricCurves } from './MetricCurves'

const SAMPLE = `import time
from slipway import push_training_metrics

push_training_metrics(time.time(), {"loss": loss}, step=step, total_steps=total)`

/** Every figure that the code reported. */
export function MetricsTab({ task }: { task: TaskDetail }) {
  const { data, error, refetch } = useQuery(taskMetrics(task.id, isActive(task)))
  const instances = useQuery(instanceList(task.id))
  if (error !== null && data === undefined) {
    return <ErrorState error={error} onRetry={() => void refetch()} />
  }
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  if (data.items.length === 0) return <NoMetrics />
  return <MetricCurves items={data.items} nameOf={namesById(instances.data?.items ?? [])} />
}

function NoMetrics() {
  const t = useText(text)
  return (
    <Panel>
      <EmptyState
        icon={<LineChartOutlined aria-hidden />}
        title={t('metrics.empty')}
        hint={t('metrics.emptyHint')}
        action={
          <div className="training-sample">
            <CodeBlock samples={[{ language: 'Python', code: SAMPLE }]} />
          </div>
        }
      />
    </Panel>
  )
}
