import { SendOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Collapse, Input, Select } from 'antd'
import { useState } from 'react'
import { useMay } from '@/api/session'
import { formatBytes, formatDuration } from '@/base/format'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { CodeBlock } from '@/ui/CodeBlock'
import { EmptyState } from '@/ui/EmptyState'
import { JsonEditor, parseJson } from '@/ui/JsonEditor'
import { Panel } from '@/ui/Page'
import { keyList, testService, type CallInfo, type ServiceDetail, type TestAnswer } from './queries'
import { text } from './text'

const MAX_BYTES = 600 * 1024
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']

interface Props {
  service: ServiceDetail
  start: CallInfo['interfaces'][number] | undefined
}

/** One call through the gateway, with its whole answer. */
export function OnlineTest({ service, start }: Props) {
  const t = useText(text)
  const say = useSentence()
  const may = useMay()
  const [method, setMethod] = useState(start?.method ?? 'POST')
  const [path, setPath] = useState(start?.path ?? '/')
  const [body, setBody] = useState(pretty(start?.body ?? ''))
  const [key, setKey] = useState<string | null>(null)
  const [version, setVersion] = useState<string | null>(null)
  const [answer, setAnswer] = useState<TestAnswer | null>(null)
  const bytes = new Blob([body]).size
  const blocked = !may('serve:service:call')
    ? t('mayNot')
    : bytes > MAX_BYTES
      ? t('test.tooLarge', { size: formatBytes(bytes) })
      : parseJson(body).problem === null
        ? service.blocked.call
          ? say(service.blocked.call)
          : null
        : t('test.notJson')
  const send = async () => {
    setAnswer(
      await testService(service.id, {
        method,
        path: path.trim(),
        body,
        content_type: 'application/json',
        version_id: version,
        key_id: key,
      }),
    )
  }
  return (
    <Panel
      title={t('test.title')}
      actions={
        <ActionButton
          action={{
            key: 'send',
            label: t('test.send'),
            icon: <SendOutlined aria-hidden />,
            primary: true,
            blocked,
            run: send,
          }}
        />
      }
    >
      <div className="services-test">
        <div className="sw-stack">
          <div className="services-test-line">
            <Select
              aria-label={t('test.method')}
              value={method}
              onChange={setMethod}
              options={METHODS.map((value) => ({ value, label: value }))}
            />
            <Input
              aria-label={t('test.path')}
              className="sw-mono"
              value={path}
              onChange={(event) => setPath(event.target.value)}
            />
          </div>
          <div className="services-test-line">
            <KeyChoice service={service} value={key} onChange={setKey} />
            <Select
              aria-label={t('test.version')}
              value={version ?? ''}
              onChange={(id: string) => setVersion(id === '' ? null : id)}
              options={[
                { value: '', label: t('test.versionAny') },
                ...service.items.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          </div>
          <JsonEditor aria-label={t('test.body')} rows={14} value={body} onChange={setBody} />
        </div>
        {answer === null ? (
          <EmptyState title={t('test.answer')} hint={t('test.empty')} />
        ) : (
          <Answer answer={answer} />
        )}
      </div>
    </Panel>
  )
}

interface KeyChoiceProps {
  service: ServiceDetail
  value: string | null
  onChange: (key: string | null) => void
}

function KeyChoice({ service, value, onChange }: KeyChoiceProps) {
  const t = useText(text)
  const may = useMay()
  const { data } = useQuery({ ...keyList(service.id), enabled: may('serve:key:list') })
  return (
    <Select
      aria-label={t('test.key')}
      value={value ?? ''}
      onChange={(id: string) => onChange(id === '' ? null : id)}
      options={[
        { value: '', label: t('test.keyOwn') },
        ...(data?.items ?? []).map(({ id, name, hint }) => ({
          value: id,
          label: `${name} · ${hint}`,
        })),
      ]}
    />
  )
}

function Answer({ answer }: { answer: TestAnswer }) {
  const t = useText(text)
  const headers = Object.entries(answer.headers)
  const isJson = (answer.headers['content-type'] ?? '').includes('json')
  return (
    <div className="sw-stack services-answer" role="status">
      <div className="sw-row">
        <span className="sw-status" data-tone={answer.status < 400 ? 'good' : 'bad'}>
          {answer.status}
        </span>
        <span className="sw-num">{formatDuration(answer.duration_ms / 1000)}</span>
        <span className="sw-faint sw-mono">{answer.url}</span>
      </div>
      {answer.truncated ? <Alert type="warning" showIcon title={t('test.truncated')} /> : null}
      {answer.body_is_text ? null : <Alert type="info" showIcon title={t('test.binary')} />}
      <CodeBlock
        samples={[
          { language: isJson ? 'json' : '', code: isJson ? pretty(answer.body) : answer.body },
        ]}
        maxHeight={330}
      />
      <Collapse
        size="small"
        items={[
          {
            key: 'headers',
            label: `${t('test.headers')} (${headers.length})`,
            children: (
              <pre className="services-headers">
                {headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
              </pre>
            ),
          },
        ]}
      />
    </div>
  )
}

function pretty(body: string): string {
  const { parsed } = parseJson(body)
  return parsed === undefined ? body : JSON.stringify(parsed, null, 2)
}
