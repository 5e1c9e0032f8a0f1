import { api, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type MailServer = Schema<'MailServerView'>
export type MailServerForm = Schema<'MailServerForm'>

export const mailServer = () =>
  oneQuery('mail_server', 'main', 'view', (signal) =>
    call(api.GET('/api/v1/mail-server', { signal })),
  )

export function saveMailServer(body: MailServerForm) {
  return call(api.PUT('/api/v1/mail-server', { body }))
}

export function removeMailServer() {
  return call(api.DELETE('/api/v1/mail-server'))
}

export function sendTestMail(body: Schema<'TestMailForm'>) {
  return call(api.POST('/api/v1/mail-server/test', { body }))
}
