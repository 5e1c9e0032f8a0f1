import { useQuery } from '@tanstack/react-query'
import { Form, InputNumber, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { groupList } from '../resources/queries'
import { GibInput } from '../resources/GibInput'
import { startTrial } from './queries'
import { text } from './text'
import './trial.css'

interface Values {
  resource_group: string
  cpu_cores: number
  memory_bytes: number
  gpus: number
  idle_minutes: number
}

export interface Tried {
  taskId: string
  group: string
  name: string
  path: string
}

/** Where and with how much the checkpoint is served. The training's own group comes first. */
export function TrialDialog({ of, onClose }: { of: Tried | null; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const groups = useQuery(groupList())
  const start = useApiMutation(startTrial, ['service', 'queue', 'resource-group'])
  const submit = async ({ idle_minutes, ...resources }: Values) => {
    if (of === null) return
    await start.mutateAsync({
      task_id: of.taskId,
      checkpoint: of.path,
      idle_s: idle_minutes * 60,
      ...resources,
    })
    notify.success(t('started', { name: of.name }))
  }
  const needed = [{ required: true, message: t('needed') }]
  return (
    <FormDialog<Values>
      key={of?.path ?? 'none'}
      open={of !== null}
      title={t('start.title', { name: of?.name ?? '' })}
      submitLabel={t('start')}
      initialValues={{
        resource_group: of?.group,
        cpu_cores: 1,
        memory_bytes: 2 * 2 ** 30,
        gpus: 0,
        idle_minutes: 60,
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="sw-faint trial-lead">{t('start.lead')}</p>
          <Form.Item<Values> name="resource_group" label={t('group')} rules={needed}>
            <Select
              loading={groups.isPending}
              options={(groups.data?.items ?? []).map(({ id, name }) => ({
                value: id,
                label: name,
              }))}
            />
          </Form.Item>
          <div className="trial-amounts">
            <Form.Item<Values> name="cpu_cores" label={t('cpu')} rules={needed}>
              <InputNumber min={0.1} max={1024} step={1} />
            </Form.Item>
            <Form.Item<Values> name="memory_bytes" label={t('memory')} rules={needed}>
              <GibInput />
            </Form.Item>
            <Form.Item<Values> name="gpus" label={t('gpus')} rules={needed}>
              <InputNumber min={0} max={64} precision={0} />
            </Form.Item>
          </div>
          <Form.Item<Values> name="idle_minutes" label={t('idle')} rules={needed}>
            <InputNumber min={1} max={10_080} precision={0} />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
