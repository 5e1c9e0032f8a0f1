import { Alert, Form, Input, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { publishTask, type Task } from './queries'
import { text } from './text'

interface Values {
  label_format: Task['label_format']
  description: string
}

/** Says how much is labelled, and what the chosen format cannot say, before the version is made. */
export function PublishDialog({ task, onClose }: { task: Task | null; onClose: () => void }) {
  const t = useText(text)
  const say = useSentence()
  const notify = useNotify()
  const publish = useApiMutation(
    (values: Values) => publishTask(task?.id ?? '', values),
    ['label-task', 'dataset'],
  )
  if (task === null) return null
  const { counts, needs_review: reviewed } = task
  return (
    <FormDialog<Values>
      open
      title={t('publish.title', { name: task.name })}
      initialValues={{ label_format: task.label_format, description: '' }}
      submitLabel={t('publish')}
      onClose={onClose}
      onSubmit={async (values) => {
        await publish.mutateAsync(values)
        notify.success(t('publish.done'))
      }}
    >
      {(form) => (
        <>
          <p>
            {reviewed
              ? t('publish.countReview', { done: counts.approved, count: counts.records })
              : t('publish.count', { done: counts.done, count: counts.records })}{' '}
            {t('publish.what', { dataset: task.dataset_name })}
          </p>
          <Form.Item name="label_format" label={t('format')}>
            <Select
              options={task.formats.map(({ name }) => ({
                value: name,
                label: t(`format.${name}`),
              }))}
            />
          </Form.Item>
          <Form.Item noStyle shouldUpdate>
            {() => {
              const chosen = form.getFieldValue('label_format') as Values['label_format']
              const lost = task.formats.find(({ name }) => name === chosen)?.losses ?? []
              return lost.length === 0 ? null : (
                <Alert
                  className="sw-form-problem"
                  type="info"
                  showIcon
                  title={t('publish.losses')}
                  description={lost.map(say).join(' ')}
                />
              )
            }}
          </Form.Item>
          <Form.Item name="description" label={t('publish.version')}>
            <Input maxLength={500} autoComplete="off" />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
