import { Form, Input, InputNumber, Select, Space } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { fromRecord, KeyValueEditor, toRecord, type KeyValue } from '@/ui/KeyValueEditor'
import { useNotify } from '@/ui/notify'
import { limitForm, limitValues, type LimitKind } from './form/values'
import { editService, type Service } from './queries'
import { StopAtField, stopAtForm, stopAtValue } from './StopAtField'
import { text } from './text'

interface Values {
  description: string
  tags: KeyValue[]
  limitKind: LimitKind
  limitValue: number | null
  stop_at: string
}

/** What changes without a restart: description, tags, request limit. */
export function EditServiceDialog(props: { service: Service | null; onClose: () => void }) {
  const { service, onClose } = props
  const t = useText(text)
  const notify = useNotify()
  const save = useApiMutation(
    (body: Parameters<typeof editService>[1]) => editService(service?.id ?? '', body),
    ['service'],
  )
  const submit = async ({ description, tags, stop_at, ...limit }: Values) => {
    await save.mutateAsync({
      description,
      tags: toRecord(tags),
      limit: limitForm(limit),
      stop_at: stopAtForm(stop_at),
    })
    notify.success(t('edit.done'))
  }
  return (
    <FormDialog<Values>
      key={service?.id ?? 'none'}
      open={service !== null}
      title={t('edit.title', { name: service?.name ?? '' })}
      submitLabel={t('save')}
      initialValues={{
        description: service?.description ?? '',
        tags: fromRecord(service?.tags ?? {}),
        ...limitValues(service?.limit ?? {}),
        stop_at: stopAtValue(service?.stop_at),
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item name="description" label={t('description')}>
            <Input.TextArea autoFocus maxLength={500} showCount autoSize={{ minRows: 2 }} />
          </Form.Item>
          <LimitField />
          <StopAtField />
          <Form.Item name="tags" label={t('tags')}>
            <KeyValueEditor max={50} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}

/** None, requests a second, or requests at once; the amount only where there is one. */
export function LimitField() {
  const t = useText(text)
  const kind = Form.useWatch<LimitKind | undefined>('limitKind')
  const kinds: LimitKind[] = ['none', 'qps', 'concurrency']
  return (
    <Form.Item label={t('limit')}>
      <Space.Compact block>
        <Form.Item name="limitKind" noStyle>
          <Select
            aria-label={t('limit')}
            options={kinds.map((value) => ({
              value,
              label: value === 'none' ? t('limit.none') : t(`limit.${value}`, { count: 'N' }),
            }))}
          />
        </Form.Item>
        {kind === undefined || kind === 'none' ? null : (
          <Form.Item name="limitValue" noStyle rules={[{ required: true, message: t('needed') }]}>
            <InputNumber min={1} precision={0} aria-label="N" placeholder="N" />
          </Form.Item>
        )}
      </Space.Compact>
    </Form.Item>
  )
}
