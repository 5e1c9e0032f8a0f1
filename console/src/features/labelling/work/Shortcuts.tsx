import { Modal } from 'antd'
import { useText, type KeyOf } from '@/base/text'
import type { LabelKind } from '../queries'
import { Usage } from '../ocr/Usage'
import { KeyList } from './KeyList'
import { text } from './text'

type Words = KeyOf<typeof text>
type Row = readonly [keys: string, words: Words]

const RECORDS: readonly (readonly [Words, readonly Row[]])[] = [
  [
    'keys.go',
    [
      ['Alt+→ / Alt+←', 'key.next'],
      ['Ctrl+Enter', 'key.submit'],
      ['Ctrl+S', 'key.save'],
      ['Y', 'key.approve'],
      ['?', 'key.help'],
    ],
  ],
  [
    'keys.label',
    [
      ['1 … 9', 'key.option'],
      ['A / R', 'key.proposal'],
      ['Alt+↑ / Alt+↓', 'key.item'],
      ['Ctrl+Z / Ctrl+Shift+Z', 'key.undo'],
    ],
  ],
]
export function Shortcuts({
  kind,
  open,
  onClose,
}: {
  kind: LabelKind
  open: boolean
  onClose: () => void
}) {
  const t = useText(text)
  if (kind === 'ocr') return <Usage open={open} onClose={onClose} />
  return (
    <Modal
      open={open}
      onCancel={onClose}
      footer={null}
      title={t('shortcuts')}
      width={kind === 'records' ? 640 : 760}
    >
      {kind === 'records' ? <RecordKeys /> : <KeyList kind={kind} />}
    </Modal>
  )
}

function RecordKeys() {
  const t = useText(text)
  return (
    <div className="label-keys">
      {RECORDS.map(([title, rows]) => (
        <section key={title}>
          <h3>{t(title)}</h3>
          <dl>
            {rows.map(([keys, words]) => (
              <div key={words}>
                <dt>{keys === '' ? null : <kbd>{keys}</kbd>}</dt>
                <dd>{t(words)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  )
}
