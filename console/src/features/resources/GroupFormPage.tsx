import { useQuery } from '@tanstack/react-query'
import { Alert, Checkbox, Form, Input, Radio, Skeleton, Switch } from 'antd'
import { useNavigate, useParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { FormPage, type FormStep } from '@/ui/FormPage'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { PolicyField } from './PolicyField'
import { DEFAULT_POLICY } from './policy'
import { changeGroup, createGroup, oneGroup, TOUCHED, type GroupDetail } from './queries'
import './resources.css'
import { text } from './text'

interface Values {
  name: string
  engine: 'process' | 'ray'
  tags: KeyValue[]
  policy: string
  preset_by_gpu: boolean
  risk_accepted: boolean
}

/** `/resources/new` */
export function NewGroupPage() {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const create = useApiMutation(createGroup, TOUCHED)
  const submit = async ({ tags, ...values }: Values) => {
    const made = await create.mutateAsync({ ...values, tags: toRecord(tags) })
    notify.success(t('group.created', { name: made.name }))
    await navigate(`/resources/${made.id}`)
  }
  return (
    <FormPage<Values>
      title={t('group.new')}
      description={t('group.newLead')}
      back={{ to: '/resources', label: t('title') }}
      steps={useSteps(null)}
      initialValues={{
        name: '',
        engine: 'process',
        tags: [],
        policy: DEFAULT_POLICY,
        preset_by_gpu: false,
        risk_accepted: false,
      }}
      submitLabel={t('group.create')}
      onSubmit={submit}
    />
  )
}

/** `/resources/:id/edit` */
export function EditGroupPage() {
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneGroup(id))
  if (data !== undefined) return <EditGroup group={data} />
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return <Skeleton active paragraph={{ rows: 8 }} />
}

function EditGroup({ group }: { group: GroupDetail }) {
  const t = useText(text)
  const notify = useNotify()
  const navigate = useNavigate()
  const change = useApiMutation(changeGroup, TOUCHED)
  const submit = async ({ name, tags, policy, preset_by_gpu }: Values) => {
    await change.mutateAsync({ id: group.id, name, tags: toRecord(tags), policy, preset_by_gpu })
    notify.success(t('group.saved'))
    await navigate(`/resources/${group.id}`)
  }
  return (
    <FormPage<Values>
      title={t('group.edit', { name: group.name })}
      back={{ to: `/resources/${group.id}`, label: group.name }}
      steps={useSteps(group)}
      initialValues={{
        name: group.name,
        tags: fromRecord(group.tags),
        policy: JSON.stringify(group.policy, null, 2),
        preset_by_gpu: group.preset_by_gpu,
      }}
      submitLabel={t('save')}
      onSubmit={submit}
    />
  )
}

function useSteps(group: GroupDetail | null): FormStep<Values>[] {
  const t = useText(text)
  return [
    {
      key: 'group',
      title: t('group'),
      fields: ['name', 'engine', 'tags', 'preset_by_gpu', 'policy', 'risk_accepted'],
      render: () => (
        <>
          <Form.Item<Values>
            name="name"
            label={t('name')}
            extra={t('name.hint')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input maxLength={60} autoComplete="off" />
          </Form.Item>
          {group === null ? <EngineField /> : null}
          <Form.Item<Values> name="tags" label={t('tags')}>
            <KeyValueEditor max={50} />
          </Form.Item>
          <Form.Item<Values>
            name="preset_by_gpu"
            label={t('preset')}
            extra={t('preset.extra')}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
          <Form.Item<Values> name="policy" label={t('policy')}>
            <PolicyField groupId={group?.id ?? null} />
          </Form.Item>
          {group === null ? <RiskNotice /> : null}
        </>
      ),
    },
  ]
}

function EngineField() {
  const t = useText(text)
  return (
    <Form.Item<Values> name="engine" label={t('engine')} required>
      <Radio.Group>
        <div className="resources-fields">
          <Radio value="process">{t('engine.process')}</Radio>
          <Radio value="ray">{t('engine.ray')}</Radio>
        </div>
      </Radio.Group>
    </Form.Item>
  )
}

function RiskNotice() {
  const t = useText(text)
  return (
    <>
      <Alert type="warning" showIcon title={t('risk.title')} description={t('risk.words')} />
      <Form.Item<Values>
        name="risk_accepted"
        valuePropName="checked"
        rules={[
          {
            validator: (_, ticked: boolean) =>
              ticked ? Promise.resolve() : Promise.reject(new Error(t('risk.needed'))),
          },
        ]}
      >
        <Checkbox>{t('risk.tick')}</Checkbox>
      </Form.Item>
    </>
  )
}
