import { useQuery } from '@tanstack/react-query'
import { Segmented, Select } from 'antd'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { useHoldingColumns } from '../HoldingList'
import { Queue } from '../Queue'
import { freeIn, holdingPage, type GroupDetail, type Holding } from '../queries'
import { text } from '../text'

/** What holds resources of the group, and what waits for them (RES-06). */
export function TasksTab({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const [query, setQuery] = useSearchParams()
  const shown = query.get('show') === 'queued' ? 'queued' : 'holding'
  return (
    <div className="sw-stack">
      <Segmented
        value={shown}
        options={[
          { value: 'holding', label: t('tab.holding') },
          { value: 'queued', label: t('tab.queued') },
        ]}
        onChange={(value) => setQuery(value === 'queued' ? { show: 'queued' } : {})}
      />
      {shown === 'holding' ? <HoldingTable group={group} /> : <Queue group={group} />}
    </div>
  )
}

function HoldingTable({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const [node, setNode] = useState<string | null>(null)
  const list = useListState({ filters: ['tag'] })
  const query = useQuery(holdingPage(group.id, node, list.params))
  const { data: free } = useQuery(freeIn(group.id))
  return (
    <List<Holding>
      label={t('tab.holding')}
      list={list}
      query={query}
      rowKey={(item) => item.workload_id}
      columns={useHoldingColumns()}
      filters={[{ kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') }]}
      extra={
        <Select<string | null>
          aria-label={t('node')}
          className="resources-pick"
          value={node}
          onChange={setNode}
          options={[
            { value: null, label: t('allNodes') },
            ...(free?.nodes ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      }
      empty={<EmptyState title={t('holding.empty')} hint={t('holding.emptyHint')} />}
    />
  )
}
