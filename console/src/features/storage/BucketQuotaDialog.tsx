import { Form, Radio } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { GibInput } from '../resources/GibInput'
import { setQuota, type Bucket } from './queries'
import { text } from './text'

const FIRST = 100 * 2 ** 30

interface Values {
  limited: boolean
  quota_bytes: number
}

export function BucketQuotaDialog({ of, onClose }: { of: Bucket | null; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const change = useApiMutation(
    (quota: number | null) => setQuota(of?.name ?? '', quota),
    ['bucket'],
  )
  const submit = async ({ limited, quota_bytes }: Values) => {
    await change.mutateAsync(limited ? quota_bytes : null)
    notify.success(t('quota.done', { name: of?.name ?? '' }))
  }
  return (
    <FormDialog<Values>
      key={of?.name}
      open={of !== null}
      title={t('quota.title', { name: of?.name ?? '' })}
      submitLabel={t('save')}
      initialValues={{
        limited: of?.quota_bytes != null,
        quota_bytes: of?.quota_bytes ?? FIRST,
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item name="limited" label={t('quota')} extra={t('quota.hint')}>
            <Radio.Group
              options={[
                { value: false, label: t('quota.none') },
                { value: true, label: t('quota.some') },
              ]}
            />
          </Form.Item>
          <Form.Item noStyle dependencies={['limited']}>
            {({ getFieldValue }) =>
              getFieldValue('limited') ? (
                <Form.Item
                  name="quota_bytes"
                  label={t('quota.most')}
                  rules={[{ required: true, message: t('needed') }]}
                >
                  <GibInput />
                </Form.Item>
              ) : null
            }
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
