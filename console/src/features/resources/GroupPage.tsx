import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { DetailPage } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton } from '@/ui/Facts'
import { Page, Panel } from '@/ui/Page'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { FreeCards } from './FreeCards'
import { CardsTab } from './tabs/CardsTab'
import { FlavoursTab } from './tabs/FlavoursTab'
import { HistoryTab } from './tabs/HistoryTab'
import { NodesTab } from './tabs/NodesTab'
import { PolicyTab } from './tabs/PolicyTab'
import { QuotasTab } from './tabs/QuotasTab'
import { TasksTab } from './tabs/TasksTab'
import { oneGroup, type GroupDetail } from './queries'
import './resources.css'
import { text } from './text'
import { useGroupActions } from './useGroupActions'

/** `/resources/:id/:tab?`: one group. */
export function GroupPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneGroup(id))
  if (data !== undefined) return <Loaded group={data} />
  return (
    <Page title={id} back={{ to: '/resources', label: t('title') }}>
      <Panel>
        {error === null ? (
          <FactsSkeleton />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
      </Panel>
    </Page>
  )
}

function Loaded({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const { tab } = useParams()
  const navigate = useNavigate()
  const actions = useGroupActions(() => void navigate('/resources'))
  return (
    <DetailPage
      title={group.name}
      id={group.id}
      back={{ to: '/resources', label: t('title') }}
      actions={actions(group).filter(({ key }) => key !== 'tasks')}
      tab={tab}
      path={`/resources/${group.id}`}
      top={
        <div className="sw-stack">
          <Panel>
            <GroupFacts group={group} />
          </Panel>
          <FreeCards groupId={group.id} />
        </div>
      }
      tabs={[
        { key: 'nodes', label: t('tab.nodes'), render: () => <NodesTab group={group} /> },
        { key: 'cards', label: t('tab.cards'), render: () => <CardsTab groupId={group.id} /> },
        { key: 'tasks', label: t('tab.tasks'), render: () => <TasksTab group={group} /> },
        { key: 'policy', label: t('tab.policy'), render: () => <PolicyTab group={group} /> },
        { key: 'flavours', label: t('tab.flavours'), render: () => <FlavoursTab group={group} /> },
        { key: 'quotas', label: t('tab.quotas'), render: () => <QuotasTab group={group} /> },
        { key: 'history', label: t('tab.history'), render: () => <HistoryTab group={group} /> },
      ]}
    />
  )
}

function GroupFacts({ group }: { group: GroupDetail }) {
  const t = useText(text)
  return (
    <Facts
      columns={3}
      items={[
        { key: 'nodes', label: t('nodes.usable'), value: `${group.nodes_usable} / ${group.nodes}` },
        {
          key: 'engine',
          label: t('source'),
          value: t(group.engine === 'process' ? 'source.local' : 'source.joined'),
        },
        { key: 'site', label: t('site'), value: group.site || null },
        { key: 'preset', label: t('preset'), value: t(group.preset_by_gpu ? 'on' : 'off') },
        { key: 'tags', label: t('tags'), value: <Tags tags={group.tags} max={6} /> },
        { key: 'created', label: t('created'), value: <TimeText value={group.created_at} /> },
      ]}
    />
  )
}
