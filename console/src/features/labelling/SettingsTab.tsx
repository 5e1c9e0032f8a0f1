import { Button, Form, Input, InputNumber, Select, Switch } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useCurrentProject } from '@/api/project'
import { useText } from '@/base/text'
import { memberList } from '@/features/accounts/queries'
import { Panel } from '@/ui/Page'
import { useNotify } from '@/ui/notify'
import { LabelValues, type LabelValue } from './LabelValues'
import { changeTask, type Task } from './queries'
import { SchemaEditor } from './SchemaEditor'
import { text as teamsText } from './teams/text'
import { text } from './text'

interface Values {
  name: string
  description: string
  labels: LabelValue[]
  labellers: string[]
  needs_review: boolean
  schema_text: string
  gold_least_percent?: number | null
}

/** What of a task may change while it is worked on. */
export function SettingsTab({ task }: { task: Task }) {
  const t = useText(text)
  const teams = useText(teamsText)
  const notify = useNotify()
  const may = useMay()('label:task:update')
  const change = useApiMutation(
    (values: Partial<Values>) => changeTask(task.id, values),
    ['label-task', 'label-record'],
  )
  const records = task.kind === 'records'
  const { counts } = task
  const inUse = counts.done + counts.sent_back > 0
  const submit = async (values: Values) => {
    const { schema_text: schema, labels, ...rest } = values
    try {
      await change.mutateAsync({ ...rest, ...(records ? { schema_text: schema } : { labels }) })
      notify.success(t('saved'))
    } catch (error) {
      notify.problem(error)
    }
  }
  return (
    <Panel>
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        disabled={!may}
        initialValues={{
          name: task.name,
          description: task.description,
          labels: task.labels,
          labellers: task.labellers.map(({ user_id: user }) => user),
          needs_review: task.needs_review,
          schema_text: task.schema_text ?? '',
          gold_least_percent: task.gold_least_percent,
        }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('needed') }]}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="description" label={t('description')}>
          <Input.TextArea maxLength={500} autoSize={{ minRows: 1, maxRows: 5 }} />
        </Form.Item>
        {records ? (
          <Form.Item name="schema_text" label={t('schema')}>
            <SchemaEditor datasetId={task.dataset_id} />
          </Form.Item>
        ) : (
          <Form.Item name="labels" label={t('labels')}>
            <LabelValues kept={inUse ? task.labels.length : 0} />
          </Form.Item>
        )}
        <LabellersField />
        <Form.Item
          name="needs_review"
          label={t('needsReview')}
          extra={t('needsReview.hint')}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
        {task.gold_least_percent === null ? null : (
          <Form.Item
            name="gold_least_percent"
            label={teams('gold.least')}
            extra={teams('gold.least.hint')}
          >
            <InputNumber min={0} max={100} precision={0} suffix="%" />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t('save')}
        </Button>
      </Form>
    </Panel>
  )
}

export function LabellersField() {
  const t = useText(text)
  const project = useCurrentProject() ?? ''
  const members = useQuery(memberList(project)).data?.items ?? []
  return (
    <Form.Item name="labellers" label={t('labellers')} extra={t('labellers.hint')}>
      <Select
        mode="multiple"
        allowClear
        placeholder={t('labellers.all')}
        showSearch={{ optionFilterProp: 'label' }}
        options={members.map((one) => ({
          value: one.user_id,
          label: one.display_name === '' ? one.user_name : `${one.display_name} (${one.user_name})`,
        }))}
      />
    </Form.Item>
  )
}
