import { Button, Modal } from 'antd'
import { useText } from '@/base/text'
import { CopyButton } from '@/ui/CopyButton'
import type { NewKey } from './queries'
import { text } from './text'

/** The value of a key that was just made or reset. */
export function MadeKeyDialog({ made, onClose }: { made: NewKey | null; onClose: () => void }) {
  const t = useText(text)
  return (
    <Modal
      open={made !== null}
      title={t('key.made', { name: made?.name ?? '' })}
      width={520}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('key.done')}
        </Button>
      }
    >
      {made === null ? null : (
        <div className="sw-stack">
          <span className="sw-secret">
            <code>{made.secret}</code>
            <CopyButton value={made.secret} worded />
          </span>
          <span className="sw-faint">{t('key.made.hint')}</span>
        </div>
      )}
    </Modal>
  )
}
