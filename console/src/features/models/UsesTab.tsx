import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { versionPath } from '../services/paths'
import { text } from './text'
import { versionUses } from './queries'

/** Where a use is to be seen; a service is used through one of its versions. */
const PATHS: Record<string, (id: string) => string> = {
  service: versionPath,
  evaluation: (id) => `/evaluations/${id}`,
  training_task: (id) => `/training/${id}`,
}
const KINDS = ['service', 'evaluation', 'training_task'] as const

/** Services and other objects that use a version; those that run keep it from being deleted. */
export function UsesTab({ id }: { id: string }) {
  const t = useText(text)
  // Other rooms tell of their own objects, not of the version: read anew on each visit.
  const query = useQuery({ ...versionUses(id), staleTime: 0 })
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  return (
    <Panel flush>
      <DataTable
        label={t('tab.uses')}
        rows={query.data?.items ?? []}
        rowKey={(use) => use.id}
        loading={query.isPending}
        empty={<EmptyState title={t('uses.none')} hint={t('uses.noneHint')} />}
        columns={[
          {
            key: 'name',
            title: t('name'),
            render: (use) => {
              const path = PATHS[use.kind]
              return (
                <span className="sw-name">
                  {path === undefined ? (
                    <strong>{use.name}</strong>
                  ) : (
                    <Link to={path(use.id)}>{use.name}</Link>
                  )}
                  <small className="sw-mono">{use.id}</small>
                </span>
              )
            },
          },
          {
            key: 'kind',
            title: t('uses.kind'),
            render: ({ kind }) => t(`use.${KINDS.find((one) => one === kind) ?? 'other'}`),
          },
          {
            key: 'state',
            title: t('uses.state'),
            render: ({ state }) => <StatusTag state={state} />,
          },
          {
            key: 'active',
            title: t('uses.active'),
            render: ({ active }) => t(active ? 'yes' : 'no'),
          },
        ]}
      />
    </Panel>
  )
}
