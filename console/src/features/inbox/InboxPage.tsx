import { BellOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useApiMutation } from '@/api/queries'
import { useProjects } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { Facts } from '@/ui/Facts'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { Sentence } from '@/ui/Sentence'
import { TimeText } from '@/ui/TimeText'
import { pathOf } from './MessageCard'
import { inboxList, markAllRead, markMessage, type InboxMessage } from './queries'
import { text } from './text'
import './inbox.css'

export function InboxPage() {
  const t = useText(text)
  const list = useListState({ filters: ['state'] })
  const query = useQuery(inboxList(list.params))
  const readAll = useApiMutation(markAllRead, ['inbox'])
  const primary: Action = { key: 'all', label: t('readAll'), run: () => readAll.mutateAsync() }
  return (
    <ListPage
      title={t('title')}
      description={t('lead')}
      primary={<ActionButton action={primary} />}
      list={list}
      query={query}
      searchHint={t('search')}
      filters={[
        {
          kind: 'choice',
          key: 'state',
          label: t('unread'),
          options: [{ value: 'unread', label: t('unread') }],
        },
      ]}
      rowKey={(message) => message.id}
      rowName={(message) => message.title}
      columns={useColumns()}
      actions={useMessageActions()}
      expandedRow={(message) => (
        <Facts
          items={message.lines.map(([label, value]) => ({
            key: label,
            label,
            value: <Sentence of={value} />,
          }))}
          columns={3}
        />
      )}
      empty={
        <EmptyState icon={<BellOutlined aria-hidden />} title={t('empty')} hint={t('emptyHint')} />
      }
    />
  )
}

function useColumns(): Column<InboxMessage>[] {
  const t = useText(text)
  const projects = useProjects()
  return [
    {
      key: 'message',
      title: t('message'),
      render: (message) => (
        <a
          href={pathOf(message.link)}
          className="inbox-title"
          data-unread={message.read_at === null}
        >
          {message.title}
        </a>
      ),
    },
    {
      key: 'project',
      title: t('project'),
      render: ({ project_id }) => projects.find(({ id }) => id === project_id)?.name ?? project_id,
    },
    {
      key: 'time',
      title: t('time'),
      sortBy: 'created_at',
      render: (message) => <TimeText value={message.created_at} />,
    },
  ]
}

function useMessageActions(): (message: InboxMessage) => Action[] {
  const t = useText(text)
  const mark = useApiMutation(markMessage, ['inbox'])
  return ({ id, read_at }) => [
    {
      key: 'mark',
      label: read_at === null ? t('read') : t('unreadAgain'),
      run: () => mark.mutateAsync({ id, read: read_at === null }),
    },
  ]
}
