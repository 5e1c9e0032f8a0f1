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
import { OcrFields } from './ocr/OcrFields'
import type { OcrType } from './ocr/queries'
import { toChange } from './labelValue'
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
  ocr_type: OcrType
  ocr_service: string
  gold_least_percent?: number | null
}

/** What of a task may change while it is worked on. */
export function SettingsTab({ task }: { task: Task }) {
  const t = useText(text)
  const teams = useText(teamsText)
  const notify = useNotify()
  const may = useMay()('label:task:update')
  const change = useApiMutation(
    (values: Parameters<typeof changeTask>[1]) => changeTask(task.id, values),
    ['label-task', 'label-record'],
  )
  const records = task.kind === 'records'
  const submit = async (values: Values) => {
    const { schema_text: schema, labels, ocr_type: type, ocr_service: service, ...rest } = values
    const own =
      task.ocr !== null
        ? { ocr_type: type, ocr_service: service }
        : records
          ? { schema_text: schema, renames: {} }
          : toChange(labels)
    try {
      await change.mutateAsync({ ...rest, ...own })
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
        key={task.labels.map(({ name }) => name).join('\n')}
        initialValues={{
          name: task.name,
          description: task.description,
          labels: named(task),
          labellers: task.labellers.map(({ user_id: user }) => user),
          needs_review: task.needs_review,
          schema_text: task.schema_text ?? '',
          ocr_type: task.ocr?.type ?? 'recognition',
          ocr_service: task.ocr?.service_id ?? '',
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
        {task.ocr !== null ? (
          <OcrFields fixed={task.ocr.type === 'structured'} />
        ) : records ? (
          <Form.Item name="schema_text" label={t('schema')}>
            <SchemaEditor datasetId={task.dataset_id} />
          </Form.Item>
        ) : (
          <Form.Item name="labels" label={t('labels')} extra={t('labels.useHint')}>
            <LabelValues />
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

/** The labels as they are called until now. */
function named(task: Task): LabelValue[] {
  return task.labels.map(({ name, colour }) => ({ name, colour, was: name }))
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
