import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Form, Input, InputNumber, Progress, Select, Switch } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { triedServices } from '@/features/playground/queries'
import { FormDialog } from '@/ui/FormDialog'
import { Panel } from '@/ui/Page'
import type { Task } from '../queries'
import { startSuggesting, stopSuggesting, suggesting, type Suggesting } from './queries'
import { text } from './text'

interface Values {
  service_id: string
  instructions: string
  records: number
  uncertain_first: boolean
}

/** Have a running service propose labels, and see what people made of them. */
export function SuggestPanel({ task }: { task: Task }) {
  const t = useText(text)
  const may = useMay()('label:task:update')
  const { data } = useQuery({ ...suggesting(task.id), enabled: task.kind === 'records' })
  const [asking, setAsking] = useState(false)
  const stop = useApiMutation(() => stopSuggesting(task.id), ['label-task'])
  if (task.kind !== 'records' || data === undefined) return null
  const running = data.state === 'running'
  return (
    <Panel
      title={t('title')}
      actions={
        <Button
          size="small"
          disabled={!may || task.state !== 'created'}
          title={may ? undefined : t('mayNot')}
          loading={stop.isPending}
          onClick={() => (running ? stop.mutate() : setAsking(true))}
        >
          {t(running ? 'stop' : 'ask')}
        </Button>
      }
    >
      <State data={data} />
      {asking ? <AskDialog task={task} onClose={() => setAsking(false)} /> : null}
    </Panel>
  )
}

function State({ data }: { data: Suggesting }) {
  const t = useText(text)
  const say = useSentence()
  const { state, service_name: service, asked, records, offered, accepted, rejected } = data
  if (state === null) return <span className="sw-soft">{t('none')}</span>
  const decided = accepted + rejected
  return (
    <div className="sw-stack">
      <span>{t(state, { service, asked, records })}</span>
      {state === 'running' ? (
        <Progress size="small" percent={Math.floor((100 * asked) / Math.max(records, 1))} />
      ) : null}
      {data.reason === null ? null : <Alert type="warning" showIcon title={say(data.reason)} />}
      <span className="sw-soft">
        {t('counts', { offered, accepted, rejected })}
        {decided === 0
          ? null
          : ` · ${t('rate', { percent: Math.round((100 * accepted) / decided) })}`}
        {data.unusable === 0 ? null : ` · ${t('unusable', { count: data.unusable })}`}
      </span>
    </div>
  )
}

function AskDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const t = useText(text)
  const services = useQuery(triedServices('chat')).data ?? []
  const start = useApiMutation(
    (values: Values) => startSuggesting(task.id, values),
    ['label-task', 'label-suggestion'],
  )
  return (
    <FormDialog<Values>
      title={t('ask.title')}
      open
      initialValues={{ instructions: '', records: 1000, uncertain_first: false }}
      submitLabel={t('ask')}
      onSubmit={(values) => start.mutateAsync(values)}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="service_id"
            label={t('service')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Select
              notFoundContent={t('service.none')}
              options={services.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
          <Form.Item name="instructions" label={t('instructions')} extra={t('instructions.hint')}>
            <Input.TextArea maxLength={8000} autoSize={{ minRows: 3, maxRows: 10 }} />
          </Form.Item>
          <Form.Item name="records" label={t('records')}>
            <InputNumber min={1} max={100_000} precision={0} />
          </Form.Item>
          <Form.Item
            name="uncertain_first"
            label={t('uncertain')}
            extra={t('uncertain.hint')}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
