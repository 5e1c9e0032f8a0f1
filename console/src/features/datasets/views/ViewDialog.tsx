import { Form, Input, InputNumber } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import type { Dataset } from '../queries'
import { createView } from './queries'
import { text } from './text'

interface Values {
  name: string
  query: string
  sample_count: number | null
  seed: number
}

interface Props {
  dataset: Dataset
  number: number
  /** What the view is made from; null: closed. */
  query: string | null
  /** Ask for a number of samples. */
  subset?: boolean
  onClose: () => void
}

export function ViewDialog({ dataset, number, query, subset = false, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const create = useApiMutation(createView, ['dataset'])
  const submit = async (values: Values) => {
    const body = subset ? values : { name: values.name, query: values.query, seed: 0 }
    await create.mutateAsync({ id: dataset.id, number, body })
    notify.success(t('started'))
  }
  return (
    <FormDialog<Values>
      key={query}
      open={query !== null}
      title={subset ? t('subset') : t('save')}
      submitLabel={subset ? t('subset') : t('save')}
      initialValues={{
        query: query ?? '',
        seed: 0,
        sample_count: subset ? Math.min(1000, dataset.sample_count) : null,
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('name')}
            extra={t('nameRule')}
            rules={[{ required: true, message: t('required') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={40} />
          </Form.Item>
          <Form.Item name="query" label={t('query')}>
            <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} maxLength={4000} />
          </Form.Item>
          {subset ? (
            <>
              <Form.Item
                name="sample_count"
                label={t('count')}
                rules={[{ required: true, message: t('required') }]}
              >
                <InputNumber min={1} max={dataset.sample_count} precision={0} />
              </Form.Item>
              <Form.Item name="seed" label={t('seed')} extra={t('seedHint')}>
                <InputNumber min={0} max={2 ** 31} precision={0} />
              </Form.Item>
            </>
          ) : null}
        </>
      )}
    </FormDialog>
  )
}
