import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { projectsQuery, useMay, useMe } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { DataTable, type Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { tidy } from '../amounts'
import { deleteQuota, quotaList, TOUCHED, type GroupDetail, type Quota } from '../queries'
import { QuotaDialog } from '../QuotaDialog'
import { text } from '../text'

/** What each project may hold of a card type: guaranteed, and at most (RES-X1). */
export function QuotasTab({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const may = useMay()('compute:quota:set')
  const { data, error, refetch } = useQuery(quotaList(group.id))
  const [edited, setEdited] = useState<Quota | 'new' | null>(null)
  const remove = useApiMutation(deleteQuota, TOUCHED)
  const blocked = may ? null : t('mayNotChange')
  const add = {
    key: 'add',
    label: t('quota.add'),
    icon: <PlusOutlined aria-hidden />,
    blocked,
    run: () => setEdited('new'),
  }
  return (
    <Panel flush title={t('tab.quotas')} actions={<ActionButton action={add} />}>
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      <DataTable<Quota>
        label={t('tab.quotas')}
        rows={data?.items ?? []}
        rowKey={({ project_id, card_model }) => `${project_id} ${card_model}`}
        rowName={({ project_id, card_model }) => `${project_id} ${card_model}`}
        loading={data === undefined && error === null}
        columns={useColumns()}
        actions={(quota) => [
          { key: 'edit', label: t('edit'), blocked, run: () => setEdited(quota) },
          {
            key: 'delete',
            label: t('delete'),
            danger: true,
            blocked,
            confirm: { title: t('quota.delete'), action: t('delete'), danger: true },
            run: () => remove.mutateAsync({ group: group.id, ...quota }),
          },
        ]}
        empty={<EmptyState title={t('quota.empty')} hint={t('quota.emptyHint')} />}
      />
      {edited === null ? null : (
        <QuotaDialog
          group={group}
          quota={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
        />
      )}
    </Panel>
  )
}

function useColumns(): Column<Quota>[] {
  const t = useText(text)
  const { user } = useMe()
  const { data } = useQuery({ ...projectsQuery, enabled: user.is_admin })
  const nameOf = (id: string) => data?.items.find((project) => project.id === id)?.name ?? id
  const number = (value: number | null) => (
    <span className="sw-num">{value === null ? t('quota.unlimited') : tidy(value)}</span>
  )
  return [
    { key: 'project', title: t('quota.project'), render: ({ project_id: id }) => nameOf(id) },
    { key: 'card', title: t('quota.card'), render: ({ card_model: model }) => model },
    {
      key: 'guaranteed',
      title: t('quota.guaranteed'),
      align: 'right',
      render: ({ guaranteed }) => number(guaranteed),
    },
    {
      key: 'maximum',
      title: t('quota.maximum'),
      align: 'right',
      render: ({ maximum }) => number(maximum),
    },
    { key: 'used', title: t('quota.used'), align: 'right', render: ({ used }) => number(used) },
    {
      key: 'borrowed',
      title: t('quota.borrowed'),
      align: 'right',
      render: ({ borrowed }) => number(borrowed),
    },
  ]
}
