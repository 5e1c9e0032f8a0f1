import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { projectsQuery } from '@/api/session'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { setQuota, TOUCHED, type GroupDetail, type Quota } from './queries'
import { text } from './text'

interface Values {
  project_id: string
  card_model: string
  guaranteed: number
  maximum: number | null
}

interface Props {
  group: GroupDetail
  /** The one to change; null: a new one. */
  quota: Quota | null
  onClose: () => void
}

export function QuotaDialog({ group, quota, onClose }: Props) {
  const t = useText(text)
  const { data } = useQuery(projectsQuery)
  const save = useApiMutation(setQuota, TOUCHED)
  const needed = [{ required: true, message: t('needed') }]
  return (
    <FormDialog<Values>
      open
      title={t(quota === null ? 'quota.add' : 'quota.change')}
      submitLabel={t('save')}
      initialValues={quota ?? { guaranteed: 0, maximum: null }}
      onSubmit={(values) => save.mutateAsync({ group: group.id, ...values })}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item<Values> name="project_id" label={t('quota.project')} rules={needed}>
            <Select
              disabled={quota !== null}
              options={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
          <Form.Item<Values> name="card_model" label={t('quota.card')} rules={needed}>
            <Select
              disabled={quota !== null}
              options={group.cards.map(({ model }) => ({ value: model, label: model }))}
              notFoundContent={t('free.noGpu')}
            />
          </Form.Item>
          <Form.Item<Values>
            name="guaranteed"
            label={t('quota.guaranteed')}
            extra={t('quota.guaranteedHint')}
          >
            <InputNumber min={0} step={1} />
          </Form.Item>
          <Form.Item<Values>
            name="maximum"
            label={t('quota.maximum')}
            extra={t('quota.maximumHint')}
          >
            <InputNumber min={0} step={1} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
