import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { environmentUses } from './queries'
import { text } from './text'

/** Tasks and replicas that run in it, then those that did. */
export function UsesTab({ id }: { id: string }) {
  const t = useText(text)
  // Other rooms tell of their own objects, not of the environment: read anew on each visit.
  const query = useQuery({ ...environmentUses(id), staleTime: 0 })
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  return (
    <Panel flush>
      <DataTable
        label={t('tab.uses')}
        rows={query.data?.items ?? []}
        rowKey={(use) => use.workload_id}
        loading={query.isPending}
        empty={<EmptyState title={t('uses.none')} hint={t('uses.noneHint')} />}
        columns={[
          {
            key: 'name',
            title: t('name'),
            render: ({ kind, owner_id: owner, name }) => (
              <span className="sw-name">
                {kind === 'training' ? (
                  <Link to={`/training/${owner}`}>{name}</Link>
                ) : (
                  <strong>{name}</strong>
                )}
                <small className="sw-mono">{owner}</small>
              </span>
            ),
          },
          { key: 'kind', title: t('use.kind'), render: ({ kind }) => t(`use.${kindOf(kind)}`) },
          {
            key: 'state',
            title: t('state'),
            render: ({ state }) => <StatusTag state={state} />,
          },
          {
            key: 'started',
            title: t('started'),
            render: (use) => <TimeText value={use.created_at} />,
          },
        ]}
      />
    </Panel>
  )
}

const KINDS = ['training', 'service', 'evaluation'] as const

function kindOf(kind: string): (typeof KINDS)[number] | 'other' {
  return KINDS.find((one) => one === kind) ?? 'other'
}
