import { Alert, Button, Form, Input } from 'antd'
import { useApiMutation } from '@/api/queries'
import { problemWords } from '@/base/problem'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { sendTestMail } from './queries'
import { text } from './text'

/** One mail now, and how it went. */
export function TestMail({ ready }: { ready: boolean }) {
  const t = useText(text)
  const [language] = usePreference('language')
  const send = useApiMutation(sendTestMail, [])
  return (
    <Panel title={t('test.title')}>
      <Form<{ to: string }>
        layout="vertical"
        requiredMark={false}
        onFinish={({ to }) => send.mutate({ to, language })}
      >
        <p className="sw-soft">{ready ? t('test.lead') : t('test.first')}</p>
        <Form.Item
          name="to"
          label={t('test.to')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <Input type="email" placeholder="ann@example.com" disabled={!ready} />
        </Form.Item>
        <Button
          htmlType="submit"
          disabled={!ready}
          title={ready ? undefined : t('test.first')}
          loading={send.isPending}
        >
          {t('test.send')}
        </Button>
      </Form>
      <div role="status" className="mail-result">
        {send.error ? (
          <Alert type="error" showIcon title={problemWords(send.error).message} />
        ) : null}
        {send.data ? (
          <Alert
            showIcon
            type={send.data.ok ? 'success' : 'error'}
            title={send.data.ok ? t('test.done') : <Sentence of={send.data.error} />}
          />
        ) : null}
      </div>
    </Panel>
  )
}
