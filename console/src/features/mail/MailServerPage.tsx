import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Form, Input, InputNumber, Select, Skeleton } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { fieldProblems, problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { Page, Panel } from '@/ui/Page'
import {
  mailServer,
  removeMailServer,
  saveMailServer,
  type MailServer,
  type MailServerForm,
} from './queries'
import { TestMail } from './TestMail'
import { text } from './text'
import { whenSlow } from '@/ui/busy'
import './mail.css'

/** The platform's SMTP server; for its administrators. */
export function MailServerPage() {
  const t = useText(text)
  const { data, error, refetch } = useQuery(mailServer())
  return (
    <Page title={t('title')} description={t('lead')}>
      {data === undefined ? (
        error === null ? (
          <Skeleton active paragraph={{ rows: 6 }} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <div className="mail-page">
          <Settings key={data.updated_at} server={data} />
          <TestMail ready={data.set} />
        </div>
      )}
    </Page>
  )
}

function Settings({ server }: { server: MailServer }) {
  const t = useText(text)
  const notify = useNotify()
  const [form] = Form.useForm<MailServerForm>()
  const [problem, setProblem] = useState<unknown>(null)
  const save = useApiMutation(saveMailServer, ['mail_server'])
  const submit = async ({ password, ...values }: MailServerForm) => {
    setProblem(null)
    try {
      await save.mutateAsync({ ...values, ...(password ? { password } : {}) })
      notify.success(t('saved'))
    } catch (error) {
      const fields = Object.entries(fieldProblems(error))
      form.setFields(fields.map(([name, words]) => ({ name: name as 'host', errors: [words] })))
      if (fields.length === 0) setProblem(error)
    }
  }
  return (
    <Panel>
      <Form<MailServerForm>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={valuesOf(server)}
        onFinish={(values) => void submit(values)}
      >
        {problem === null ? null : (
          <Alert type="error" showIcon role="alert" title={problemWords(problem).message} />
        )}
        <Fields server={server} />
        <div className="sw-form-buttons">
          {server.set ? <Remove /> : null}
          <Button type="primary" htmlType="submit" loading={whenSlow(save.isPending)}>
            {t('save')}
          </Button>
        </div>
      </Form>
    </Panel>
  )
}

function valuesOf({ host, port, security, user, sender }: MailServer): MailServerForm {
  return { host, port, security, user, sender }
}

function Fields({ server }: { server: MailServer }) {
  const t = useText(text)
  const needed = [{ required: true, message: t('needed') }]
  return (
    <>
      <div className="mail-row">
        <Form.Item name="host" label={t('host')} rules={needed}>
          <Input placeholder="smtp.example.com" autoComplete="off" />
        </Form.Item>
        <Form.Item name="port" label={t('port')} rules={needed}>
          <InputNumber min={1} max={65535} />
        </Form.Item>
      </div>
      <Form.Item name="security" label={t('security')}>
        <Select
          options={(['starttls', 'tls', 'none'] as const).map((value) => ({
            value,
            label: t(`security.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="user" label={t('user')} extra={t('user.hint')}>
        <Input autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('password')}
        extra={server.has_password ? t('password.keep') : undefined}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="sender" label={t('sender')} extra={t('sender.hint')} rules={needed}>
        <Input type="email" placeholder="slipway@example.com" autoComplete="off" />
      </Form.Item>
    </>
  )
}

function Remove() {
  const t = useText(text)
  const notify = useNotify()
  const remove = useApiMutation(removeMailServer, ['mail_server'])
  return (
    <ActionButton
      action={{
        key: 'remove',
        label: t('remove'),
        danger: true,
        confirm: {
          title: t('remove.title'),
          message: t('remove.message'),
          action: t('remove'),
          danger: true,
        },
        run: async () => {
          await remove.mutateAsync()
          notify.success(t('removed'))
        },
      }}
    />
  )
}
