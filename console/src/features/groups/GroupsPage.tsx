import { GroupOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, Actions, type Action } from '@/ui/actions'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { FilterBar } from '@/ui/FilterBar'
import { useListState } from '@/ui/listState'
import { Page, Panel } from '@/ui/Page'
import { Pager } from '@/ui/Pager'
import { StatusTag } from '@/ui/StatusTag'
import { useGroupActions } from './actions'
import { GroupDialogs } from './dialogs'
import { KeyField } from './KeyField'
import { groupList, type Group } from './queries'
import { text } from './text'
import { useDialogs } from './useDialogs'
import './groups.css'

export function GroupsPage() {
  const t = useText(text)
  const list = useListState({ filters: ['mine'] })
  const { data, error, refetch } = useQuery(groupList(list.params))
  const dialogs = useDialogs()
  const may = useMay()
  const create: Action = {
    key: 'new',
    label: t('new'),
    icon: <PlusOutlined aria-hidden />,
    primary: true,
    blocked: may('serve:group:create') ? null : t('mayNot'),
    run: () => dialogs.edit('new'),
  }
  const actions = useGroupActions({
    onEdit: dialogs.edit,
    onReset: dialogs.reset,
    onBan: dialogs.ban,
  })
  const nothingYet = data?.items.length === 0 && !list.narrowed && !list.canGoBack
  return (
    <Page
      title={t('title')}
      description={t('lead')}
      actions={nothingYet ? null : <ActionButton action={create} />}
    >
      {nothingYet ? (
        <NoGroups create={create} />
      ) : (
        <div className="sw-stack">
          <FilterBar
            list={list}
            searchHint={t('search')}
            filters={[{ kind: 'switch', key: 'mine', label: t('mine') }]}
          />
          {error !== null ? <ErrorState error={error} onRetry={() => void refetch()} /> : null}
          {data === undefined && error === null ? <Skeleton active /> : null}
          {data?.items.length === 0 ? (
            <EmptyState
              title={t('noMatch')}
              action={<Button onClick={list.clearFilters}>{t('clear')}</Button>}
            />
          ) : (
            <div className="groups-cards">
              {data?.items.map((group) => (
                <GroupCard key={group.id} group={group} actions={actions(group)} />
              ))}
            </div>
          )}
          <Pager list={list} total={data?.total} nextCursor={data?.next_cursor ?? null} />
        </div>
      )}
      <GroupDialogs state={dialogs} />
    </Page>
  )
}

function GroupCard({ group, actions }: { group: Group; actions: Action[] }) {
  const t = useText(text)
  const navigate = useNavigate()
  const details: Action = {
    key: 'details',
    label: t('details'),
    run: () => void navigate(`/service-groups/${group.id}`),
  }
  return (
    <article className="groups-card" aria-label={group.name}>
      <header>
        <Link to={`/service-groups/${group.id}`}>{group.name}</Link>
        <StatusTag state={group.state} reason={group.ban?.reason ?? null} />
      </header>
      <p className="groups-words">{group.description || <span className="sw-faint">–</span>}</p>
      <dl>
        <dt>{t('key')}</dt>
        <dd>
          <KeyField group={group} />
        </dd>
        <dt>{t('services')}</dt>
        <dd className="groups-linked">
          {group.services.map(({ name }) => name).join(', ') || '–'}
        </dd>
      </dl>
      <Actions actions={[details, ...actions]} inline={2} of={group.name} link />
    </article>
  )
}

function NoGroups({ create }: { create: Action }) {
  const t = useText(text)
  const navigate = useNavigate()
  const services: Action = {
    key: 'services',
    label: t('empty.services'),
    run: () => void navigate('/services'),
  }
  return (
    <Panel>
      <EmptyState
        icon={<GroupOutlined aria-hidden />}
        title={t('empty')}
        hint={t('emptyHint')}
        action={<Actions actions={[create, services]} />}
      />
    </Panel>
  )
}
