import { PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, Actions } from '@/ui/actions'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { HoldingList } from '../HoldingList'
import { useNodeColumns } from '../nodeColumns'
import { JoinDialog } from '../nodes/JoinDialog'
import { NodeDialogs, useNodeDialogs } from '../nodes/NodeDialogs'
import { useBatchActions, useNodeActions } from '../nodes/useNodeActions'
import { nodePage, type GroupDetail, type Node } from '../queries'
import { text } from '../text'

/** The machines of the group, and what can be done with one or several of them. */
export function NodesTab({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const list = useListState({ filters: ['state'] })
  const query = useQuery(nodePage(group.id, list.params))
  const [selected, setSelected] = useState<string[]>([])
  const dialogs = useNodeDialogs()
  const chosen = (query.data?.items ?? []).filter(({ id }) => selected.includes(id))
  return (
    <>
      <List<Node>
        label={t('tab.nodes')}
        list={list}
        query={query}
        searchHint={t('node.search')}
        rowKey={(node) => node.id}
        rowName={(node) => node.name}
        columns={useNodeColumns()}
        actions={useNodeActions(dialogs)}
        selected={selected}
        onSelect={setSelected}
        bulk={<Actions actions={useBatchActions(dialogs)(chosen)} />}
        extra={<JoinButton group={group} />}
        expandedRow={(node) => <HoldingList groupId={group.id} nodeId={node.id} />}
        empty={
          <EmptyState
            title={t('nodes.empty')}
            hint={t(group.engine === 'process' ? 'nodes.emptyLocal' : 'nodes.emptyHint')}
            action={<JoinButton group={group} />}
          />
        }
      />
      <NodeDialogs dialogs={dialogs} />
    </>
  )
}

function JoinButton({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const may = useMay()('compute:node:create')
  const [open, setOpen] = useState(false)
  const local = group.engine === 'process' ? t('join.local') : null
  return (
    <>
      <ActionButton
        action={{
          key: 'join',
          label: t('join'),
          icon: <PlusOutlined aria-hidden />,
          blocked: may ? local : t('mayNotChange'),
          run: () => setOpen(true),
        }}
      />
      <JoinDialog group={group} open={open} onClose={() => setOpen(false)} />
    </>
  )
}
