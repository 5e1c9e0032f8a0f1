import { ThunderboltOutlined } from '@ant-design/icons'
import { Input, InputNumber, Select } from 'antd'
import { useId, useState, type ReactNode } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatDuration } from '@/base/format'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { JsonEditor, parseJson } from '@/ui/JsonEditor'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import type { CallInfo, ServiceDetail } from '../queries'
import { startLoadTest, type LoadTest } from './queries'
import { parseSteps } from './steps'
import { text } from './text'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']

interface Props {
  service: ServiceDetail
  interfaces: CallInfo['interfaces']
  template: LoadTest | null
  open: LoadTest | undefined
  onStarted: (test: LoadTest) => void
}

/** What to send, with how many callers, how long. Begins with what the service answers to. */
export function LoadForm({ service, interfaces, template, open, onStarted }: Props) {
  const t = useText(text)
  const say = useSentence()
  const may = useMay()
  const notify = useNotify()
  const first = interfaces.find(({ method }) => method === 'POST') ?? interfaces[0]
  const [method, setMethod] = useState(template?.method ?? first?.method ?? 'POST')
  const [path, setPath] = useState(template?.path ?? first?.path ?? '/')
  const [body, setBody] = useState(template?.body ?? pretty(first?.body ?? ''))
  const [steps, setSteps] = useState((template?.planned ?? [1, 2, 4, 8, 16, 32]).join(', '))
  const [seconds, setSeconds] = useState(template?.seconds ?? 10)
  const [timeout, setTimeout] = useState(template?.timeout_s ?? 60)
  const [version, setVersion] = useState(template?.version_id ?? '')
  const start = useApiMutation(
    (form: Parameters<typeof startLoadTest>[1]) => startLoadTest(service.id, form),
    ['service'],
  )
  const planned = parseSteps(steps)
  const blocked = !may('serve:service:call')
    ? t('mayNot')
    : open !== undefined
      ? t('running')
      : planned === null
        ? t('stepsBad')
        : parseJson(body).problem !== null
          ? t('notJson')
          : service.blocked.call
            ? say(service.blocked.call)
            : null
  const run = async () => {
    const test = await start.mutateAsync({
      method,
      path: path.trim(),
      body,
      content_type: 'application/json',
      steps: planned ?? [],
      seconds,
      timeout_s: timeout,
      version_id: version === '' ? null : version,
      cpu_cores: 1,
    })
    notify.success(t('started'))
    onStarted(test)
  }
  const takes =
    planned === null ? null : t('takes', { time: formatDuration(planned.length * seconds) })
  return (
    <Panel
      title={t('new')}
      actions={
        <span className="sw-row">
          <span className="sw-faint">{takes}</span>
          <ActionButton
            action={{
              key: 'start',
              label: t('start'),
              icon: <ThunderboltOutlined aria-hidden />,
              primary: true,
              blocked,
              run,
            }}
          />
        </span>
      }
    >
      <div className="load-form">
        <div className="sw-stack">
          <div className="services-test-line">
            <Select
              aria-label={t('method')}
              value={method}
              onChange={setMethod}
              options={METHODS.map((value) => ({ value, label: value }))}
            />
            <Input
              aria-label={t('path')}
              className="sw-mono"
              value={path}
              onChange={(event) => setPath(event.target.value)}
            />
          </div>
          <JsonEditor aria-label={t('body')} rows={9} value={body} onChange={setBody} />
        </div>
        <div className="sw-stack">
          <Field label={t('steps')} hint={planned === null ? t('stepsBad') : t('stepsHint')}>
            {(id) => (
              <Input
                id={id}
                value={steps}
                status={planned === null ? 'error' : undefined}
                onChange={(event) => setSteps(event.target.value)}
              />
            )}
          </Field>
          <div className="load-pair">
            <Field label={t('seconds')}>
              {(id) => (
                <InputNumber
                  id={id}
                  min={1}
                  max={600}
                  value={seconds}
                  onChange={(value) => setSeconds(value ?? 10)}
                />
              )}
            </Field>
            <Field label={t('timeout')}>
              {(id) => (
                <InputNumber
                  id={id}
                  min={0.1}
                  max={600}
                  value={timeout}
                  onChange={(value) => setTimeout(value ?? 60)}
                />
              )}
            </Field>
          </div>
          <Field label={t('version')}>
            {(id) => (
              <Select
                id={id}
                value={version}
                onChange={setVersion}
                options={[
                  { value: '', label: t('versionAny') },
                  ...service.items.map(({ id: value, name }) => ({ value, label: name })),
                ]}
              />
            )}
          </Field>
        </div>
      </div>
    </Panel>
  )
}

interface FieldProps {
  label: string
  hint?: string
  children: (id: string) => ReactNode
}

function Field({ label, hint, children }: FieldProps) {
  const id = useId()
  return (
    <div className="load-field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint === undefined ? null : <span className="sw-faint">{hint}</span>}
    </div>
  )
}

function pretty(body: string): string {
  const { parsed } = parseJson(body)
  return parsed === undefined ? body : JSON.stringify(parsed, null, 2)
}
