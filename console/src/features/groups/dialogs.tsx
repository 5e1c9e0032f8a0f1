import { Button, Form, Input, Modal, Radio } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { CopyButton } from '@/ui/CopyButton'
import { FormDialog } from '@/ui/FormDialog'
import { GroupDialog } from './GroupDialog'
import { banGroup, resetKey, type NewGroup } from './queries'
import { text } from './text'
import type { DialogState } from './useDialogs'

const OVERLAPS = [0, 3600, 86_400, 604_800] as const

/** Every dialog over a group; which one is open is in `state`. */
export function GroupDialogs({ state }: { state: DialogState }) {
  return (
    <>
      <GroupDialog of={state.editing} onClose={() => state.edit(null)} onMade={state.show} />
      <ResetDialog state={state} />
      <BanDialog state={state} />
      <MadeDialog made={state.made} onClose={() => state.show(null)} />
    </>
  )
}

function ResetDialog({ state }: { state: DialogState }) {
  const t = useText(text)
  const group = state.resetting
  const reset = useApiMutation(
    (overlap: number) => resetKey(group?.id ?? '', overlap),
    ['service-group'],
  )
  return (
    <FormDialog<{ overlap: number }>
      key={group?.id ?? 'none'}
      open={group !== null}
      title={t('reset.title', { name: group?.name ?? '' })}
      submitLabel={t('reset.action')}
      initialValues={{ overlap: 0 }}
      onSubmit={async ({ overlap }) => state.show(await reset.mutateAsync(overlap))}
      onClose={() => state.reset(null)}
    >
      {() => (
        <Form.Item name="overlap" label={t('reset.overlap')} extra={t('reset.warning')}>
          <Radio.Group
            className="groups-overlaps"
            options={OVERLAPS.map((value) => ({ value, label: t(`reset.${value}`) }))}
          />
        </Form.Item>
      )}
    </FormDialog>
  )
}

function BanDialog({ state }: { state: DialogState }) {
  const t = useText(text)
  const group = state.banning
  const ban = useApiMutation(
    (reason: string) => banGroup(group?.id ?? '', reason),
    ['service-group'],
  )
  return (
    <FormDialog<{ reason: string }>
      key={group?.id ?? 'none'}
      open={group !== null}
      title={t('ban.title', { name: group?.name ?? '' })}
      submitLabel={t('ban')}
      initialValues={{ reason: '' }}
      onSubmit={({ reason }) => ban.mutateAsync(reason)}
      onClose={() => state.ban(null)}
    >
      {() => (
        <Form.Item
          name="reason"
          label={t('ban.reason')}
          extra={t('ban.hint')}
          rules={[{ required: true, whitespace: true, message: t('needed') }]}
        >
          <Input.TextArea autoFocus maxLength={500} autoSize={{ minRows: 2 }} />
        </Form.Item>
      )}
    </FormDialog>
  )
}

function MadeDialog({ made, onClose }: { made: NewGroup | null; onClose: () => void }) {
  const t = useText(text)
  return (
    <Modal
      open={made !== null}
      title={t('made', { name: made?.name ?? '' })}
      width={560}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('done')}
        </Button>
      }
    >
      {made === null ? null : (
        <div className="sw-stack">
          <span className="sw-secret">
            <code>{made.secret}</code>
            <CopyButton value={made.secret} worded />
          </span>
          <span className="sw-faint">{t('made.hint')}</span>
        </div>
      )}
    </Modal>
  )
}
