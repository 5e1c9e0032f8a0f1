import { Alert, Button, Modal } from 'antd'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { CopyButton } from '@/ui/CopyButton'
import type { NewTarget } from './queries'
import { text } from './text'

/** Shows a webhook's signing secret this once, and how a receiver checks what it gets. */
export function SecretDialog({ made, onClose }: { made: NewTarget | null; onClose: () => void }) {
  const t = useText(text)
  return (
    <Modal
      open={made !== null}
      title={t('secret.title')}
      width={640}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('secret.done')}
        </Button>
      }
    >
      <div className="sw-stack">
        <Alert type="warning" showIcon title={t('secret.once')} />
        <span className="sw-secret">
          <code>{made?.secret}</code>
          <CopyButton value={made?.secret ?? ''} worded />
        </span>
        <CodeBlock title={t('secret.how')} samples={[{ language: 'Python', code: SAMPLE }]} />
      </div>
    </Modal>
  )
}

const SAMPLE = `import hashlib, hmac, time

def is_genuine(secret: str, header: str, body: bytes) -> bool:
    """header: X-Slipway-Signature; body: the bytes as they came."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(parts["t"])) < 300
    return fresh and hmac.compare_digest(expected, parts["v1"])`
