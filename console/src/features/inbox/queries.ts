import { api, call } from '@/api/client'
import { listQuery } from '@/api/queries'
import type { Schema } from '@/api/types'
import type { ListParams } from '@/ui/listState'

export type InboxMessage = Schema<'InboxMessageView'>

/** The user's own messages of all projects; events about the inbox refresh it. */
export const inboxList = (params: ListParams & { state?: string[] }) =>
  listQuery('inbox', params, (signal) =>
    call(api.GET('/api/v1/inbox', { params: { query: params }, signal })),
  )

const NEWEST = 20

export const newestMessages = () => inboxList({ limit: NEWEST })

export function markMessage({ id, read }: { id: string; read: boolean }) {
  return call(
    api.PATCH('/api/v1/inbox/{message_id}', {
      params: { path: { message_id: id } },
      body: { read },
    }),
  )
}

export function markAllRead() {
  return call(api.POST('/api/v1/inbox/read'))
}
