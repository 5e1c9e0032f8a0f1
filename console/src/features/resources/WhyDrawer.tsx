import { useQuery } from '@tanstack/react-query'
import { Alert, Drawer, Skeleton } from 'antd'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Sentence } from '@/ui/Sentence'
import { whyWaiting, type Why, type WorkloadName } from './queries'
import { text } from './text'

interface Props {
  /** The waiting workload, or null. */
  workload: string | null
  onClose: () => void
}

/** Why something waits: where it was tried, what is missing, who is ahead, who could make room. */
export function WhyDrawer({ workload, onClose }: Props) {
  const t = useText(text)
  const { data, error, refetch } = useQuery({
    ...whyWaiting(workload ?? ''),
    enabled: workload !== null,
  })
  return (
    <Drawer
      open={workload !== null}
      size={760}
      title={data === undefined ? t('why.title') : `${t('why.title')}: ${data.item.name}`}
      onClose={onClose}
    >
      {data !== undefined ? (
        <Reasons why={data} />
      ) : error === null ? (
        <Skeleton active />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Drawer>
  )
}

function Reasons({ why }: { why: Why }) {
  const t = useText(text)
  return (
    <div className="sw-stack">
      <Alert
        type={why.fits_now ? 'success' : 'info'}
        showIcon
        title={t('why.place', { priority: why.item.priority, ahead: why.ahead })}
        description={
          <ul className="resources-sentences">
            {why.sentences.map((sentence) => (
              <li key={sentence}>
                <Sentence of={sentence} />
              </li>
            ))}
          </ul>
        }
      />
      <Names title={t('why.ahead', { count: why.ahead })} items={why.ahead_first} />
      <Names title={t('why.victims')} items={why.victims} />
      <section>
        <h3 className="resources-heading">{t('why.nodes', { count: why.nodes_tried })}</h3>
        <DataTable
          label={t('why.nodes', { count: why.nodes_tried })}
          rows={why.nodes}
          rowKey={({ node_id }) => node_id}
          columns={[
            { key: 'node', title: t('node'), render: ({ node_name }) => node_name },
            {
              key: 'missing',
              title: t('why.missing'),
              render: ({ missing }) => (
                <div className="resources-reason">
                  {missing.length === 0
                    ? t('why.wouldFit')
                    : missing.map((part) => (
                        <div key={part}>
                          <Sentence of={part} />
                        </div>
                      ))}
                </div>
              ),
            },
          ]}
        />
      </section>
    </div>
  )
}

function Names({ title, items }: { title: string; items: readonly WorkloadName[] }) {
  if (items.length === 0) return null
  return (
    <section>
      <h3 className="resources-heading">{title}</h3>
      <ul className="resources-sentences">
        {items.map(({ workload_id, name, priority }, index) => (
          <li key={workload_id || index}>
            {name} <span className="sw-faint">P{priority}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
