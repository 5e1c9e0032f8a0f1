import { Form, InputNumber } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { scaleVersion, type Version } from './queries'
import { text } from './text'

export function ScaleDialog(props: { version: Version | null; onClose: () => void }) {
  const { version, onClose } = props
  const t = useText(text)
  const notify = useNotify()
  const scale = useApiMutation(
    (replicas: number) => scaleVersion(version?.id ?? '', replicas),
    ['service'],
  )
  const submit = async ({ replicas }: { replicas: number }) => {
    await scale.mutateAsync(replicas)
    notify.success(t('version.scale.done', { name: version?.name ?? '', count: replicas }))
  }
  return (
    <FormDialog<{ replicas: number }>
      key={version?.id ?? 'none'}
      open={version !== null}
      title={t('version.scale.title', { name: version?.name ?? '' })}
      submitLabel={t('version.scale')}
      initialValues={{ replicas: Math.max(version?.replicas ?? 1, 1) }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <Form.Item
          name="replicas"
          label={t('version.scale.field')}
          extra={t('version.scale.hint')}
          rules={[{ required: true, message: t('needed') }]}
        >
          <InputNumber autoFocus min={1} max={1000} precision={0} />
        </Form.Item>
      )}
    </FormDialog>
  )
}
