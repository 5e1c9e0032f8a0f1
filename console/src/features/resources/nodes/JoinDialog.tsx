import { Alert, Button, Modal } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import type { Schema } from '@/api/types'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { useNotify } from '@/ui/notify'
import { TimeText } from '@/ui/TimeText'
import { makeJoinToken, type GroupDetail } from '../queries'
import { text } from '../text'
import { whenSlow } from '@/ui/busy'

interface Props {
  group: GroupDetail
  open: boolean
  onClose: () => void
}

/** The command that joins a machine, with its one-time token. */
export function JoinDialog({ group, open, onClose }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const [made, setMade] = useState<Schema<'TokenView'> | null>(null)
  const make = useApiMutation(makeJoinToken, [])
  const run = () =>
    make.mutateAsync(group.id).then(setMade, (error: unknown) => notify.problem(error))
  return (
    <Modal
      open={open}
      width={640}
      title={t('join.title', { name: group.name })}
      footer={null}
      onCancel={onClose}
      afterClose={() => setMade(null)}
      destroyOnHidden
    >
      <Alert type="warning" showIcon title={t('risk.title')} description={t('risk.words')} />
      <p>{t('join.words')}</p>
      {made === null ? (
        <Button type="primary" loading={whenSlow(make.isPending)} onClick={() => void run()}>
          {t('join.make')}
        </Button>
      ) : (
        <>
          <CodeBlock samples={[{ language: 'shell', code: made.command }]} />
          <p className="sw-soft">
            {t('join.until')} <TimeText value={made.expires_at} absolute />
          </p>
        </>
      )}
    </Modal>
  )
}
