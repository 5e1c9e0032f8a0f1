import { BellOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Badge, Button, Drawer } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { MessageCard } from './MessageCard'
import { markAllRead, newestMessages } from './queries'
import { text } from './text'
import './inbox.css'

/** The bell at the top: how many messages are unread, and the newest behind it. */
export function Bell() {
  const t = useText(text)
  const notify = useNotify()
  const [open, setOpen] = useState(false)
  const { data, error, refetch } = useQuery(newestMessages())
  const readAll = useApiMutation(markAllRead, ['inbox'])
  const unread = data?.unread ?? 0
  return (
    <>
      <Button
        type="text"
        aria-label={t('bell', { count: unread })}
        title={t('bell', { count: unread })}
        icon={
          <Badge count={unread} size="small" overflowCount={99}>
            <BellOutlined aria-hidden className="inbox-bell" />
          </Badge>
        }
        onClick={() => setOpen(true)}
      />
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        size={420}
        title={t('title')}
        extra={
          <Button
            type="link"
            size="small"
            disabled={unread === 0}
            loading={readAll.isPending}
            onClick={() => void readAll.mutateAsync().catch(notify.problem)}
          >
            {t('readAll')}
          </Button>
        }
        footer={
          <Link to="/inbox" onClick={() => setOpen(false)}>
            {t('all')}
          </Link>
        }
      >
        {error !== null && data === undefined ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : null}
        {data?.items.length === 0 ? <EmptyState title={t('empty')} hint={t('emptyHint')} /> : null}
        <ol className="inbox-list">
          {(data?.items ?? []).map((message) => (
            <MessageCard key={message.id} message={message} onOpen={() => setOpen(false)} />
          ))}
        </ol>
      </Drawer>
    </>
  )
}
