import { useQuery } from '@tanstack/react-query'
import { useText } from '@/base/text'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { nodeHistory, type GroupDetail, type Node } from '../queries'
import { text } from '../text'
import { useNodeActions } from '../nodes/useNodeActions'
import { NodeDialogs, useNodeDialogs } from '../nodes/NodeDialogs'

/** Nodes of the group that could not be set up, or that have left. */
export function HistoryTab({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const list = useListState({ prefix: 'h_' })
  const query = useQuery(nodeHistory(group.id, list.params))
  const dialogs = useNodeDialogs()
  const actions = useNodeActions(dialogs)
  return (
    <>
      <List<Node>
        label={t('tab.history')}
        list={list}
        query={query}
        rowKey={(node) => node.id}
        rowName={(node) => node.name}
        columns={useHistoryColumns()}
        actions={(node) => actions(node).filter(({ key }) => key === 'rejoin')}
        empty={<EmptyState title={t('history.empty')} hint={t('history.emptyHint')} />}
      />
      <NodeDialogs dialogs={dialogs} />
    </>
  )
}

function useHistoryColumns(): Column<Node>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('node'),
      render: (node) => (
        <span className="sw-name">
          <strong>{node.name}</strong>
          <small>
            {node.id} · {node.host}
          </small>
        </span>
      ),
    },
    { key: 'state', title: t('state'), render: ({ state }) => <StatusTag state={state} /> },
    {
      key: 'reason',
      title: t('reason'),
      render: ({ reason, error_code: code }) => (
        <div className="resources-reason">
          {reason || '–'} {code === '' ? null : <code>{code}</code>}
        </div>
      ),
    },
    { key: 'since', title: t('since'), render: ({ joined_at }) => <TimeText value={joined_at} /> },
    { key: 'ended', title: t('ended'), render: ({ ended_at }) => <TimeText value={ended_at} /> },
  ]
}
