import { SendOutlined, StopOutlined } from '@ant-design/icons'
import { Alert, Button, Input, Select } from 'antd'
import { useRef, useState } from 'react'
import { rethrowUnreachable } from '@/api/client'
import { formatDuration } from '@/base/format'
import { isAbort, problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { useConfirm } from '@/ui/Confirm'
import { JsonEditor, parseJson } from '@/ui/JsonEditor'
import { Panel } from '@/ui/Page'
import { missingOf, samplesOf, sendCall, type Reply, type Values } from './request'
import { exampleOf, resolved, withoutNull, type Operation, type Parameter, type Spec } from './spec'
import { text } from './text'

/** A real call with one's own rights, in the present project; what it would take in a program. */
export function TryIt({ spec, operation }: { spec: Spec; operation: Operation }) {
  const t = useText(text)
  const confirm = useConfirm()
  const json = operation.body?.type.includes('json') === true
  const [values, setValues] = useState<Values>({})
  const [body, setBody] = useState(() =>
    json ? JSON.stringify(exampleOf(operation.body?.schema ?? {}, spec), null, 2) : '',
  )
  const [reply, setReply] = useState<Reply | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const running = useRef<AbortController | null>(null)
  const [busy, setBusy] = useState(false)
  const asked = operation.parameters.filter(
    ({ in: where }) => where === 'path' || where === 'query',
  )
  const missing = missingOf(operation, values)
  const wrong = json && body.trim() !== '' ? parseJson(body).problem : null
  const sent = json && body.trim() !== '' ? body : null
  const other = operation.body !== null && !json
  const send = async () => {
    const question = {
      title: t('sure', { call: `${operation.method} ${operation.path}` }),
      message: t('sure.what'),
      action: t('send'),
      danger: true,
    }
    if (operation.method === 'DELETE' && !(await confirm(question))) return
    const controller = new AbortController()
    running.current = controller
    setBusy(true)
    setProblem(null)
    try {
      setReply(await sendCall(operation, values, sent, controller.signal).catch(rethrowUnreachable))
    } catch (error) {
      if (!isAbort(error)) setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Panel
      title={t('try')}
      actions={
        busy ? (
          <Button
            danger
            icon={<StopOutlined aria-hidden />}
            onClick={() => running.current?.abort()}
          >
            {t('stop')}
          </Button>
        ) : (
          <Button
            type="primary"
            icon={<SendOutlined aria-hidden />}
            disabled={missing.length > 0 || wrong !== null || other}
            onClick={() => void send()}
          >
            {t('send')}
          </Button>
        )
      }
    >
      <div className="sw-stack">
        <p className="sw-faint">{t(other ? 'try.other' : 'try.what')}</p>
        {asked.length === 0 ? null : (
          <div className="reference-values">
            {asked.map((one) => (
              <Value
                key={one.in + one.name}
                spec={spec}
                parameter={one}
                value={values[one.name] ?? ''}
                onChange={(value) => setValues({ ...values, [one.name]: value })}
              />
            ))}
          </div>
        )}
        {json ? (
          <JsonEditor aria-label={t('body')} rows={10} value={body} onChange={setBody} />
        ) : null}
        <CodeBlock samples={samplesOf(operation, values, sent)} />
        {problem === null ? null : (
          <Alert type="error" showIcon title={problemWords(problem).message} />
        )}
        {reply === null ? null : <ReplyView reply={reply} />}
      </div>
    </Panel>
  )
}

interface ValueProps {
  spec: Spec
  parameter: Parameter
  value: string
  onChange: (value: string) => void
}

function Value({ spec, parameter, value, onChange }: ValueProps) {
  const { name, required } = parameter
  const schema = resolved(withoutNull(parameter.schema ?? {}).schema, spec)
  const id = `value-${name}`
  const choices = schema.type === 'boolean' ? [true, false] : schema.enum
  return (
    <div>
      <label htmlFor={id}>
        <code>{name}</code>
        {required === true ? <em className="reference-required">*</em> : null}
      </label>
      {choices === undefined ? (
        <Input
          id={id}
          value={value}
          placeholder={schema.default === undefined ? '' : JSON.stringify(schema.default)}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <Select<string>
          id={id}
          allowClear
          value={value === '' ? undefined : value}
          onClear={() => onChange('')}
          onChange={onChange}
          options={choices.map((one) => ({ value: String(one), label: String(one) }))}
        />
      )}
    </div>
  )
}

function ReplyView({ reply }: { reply: Reply }) {
  const { status, ms, headers, body, isJson } = reply
  return (
    <div className="sw-stack" role="status">
      <div className="sw-row">
        <span className="sw-status" data-tone={status < 400 ? 'good' : 'bad'}>
          {status}
        </span>
        <span className="sw-num">{formatDuration(ms / 1000)}</span>
      </div>
      {body === '' ? null : (
        <CodeBlock samples={[{ language: isJson ? 'json' : '', code: body }]} />
      )}
      <details>
        <summary>{`HTTP (${headers.length})`}</summary>
        <pre className="reference-headers">
          {headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        </pre>
      </details>
    </div>
  )
}
