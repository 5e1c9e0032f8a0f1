import { Modal } from 'antd'
import { useText, type KeyOf } from '@/base/text'
import type { LabelKind } from '../queries'
import { text } from './text'

type Words = KeyOf<typeof text>
type Row = readonly [keys: string, words: Words]

const GO: readonly Row[] = [
  ['D / A', 'key.next'],
  ['Enter', 'key.submit'],
  ['Ctrl+S', 'key.save'],
  ['Y', 'key.approve'],
  ['?', 'key.help'],
]
const DRAW: readonly (readonly [Words, readonly Row[]])[] = [
  ['keys.go', GO],
  [
    'keys.draw',
    [
      ['V / R / P / L · Ctrl+1…3', 'key.tools'],
      ['N', 'key.new'],
      ['', 'key.finish'],
      ['Esc', 'key.cancel'],
      ['Ctrl+Z / Ctrl+Shift+Z', 'key.undo'],
    ],
  ],
  ['keys.label', [['1 … 9', 'key.label']]],
  [
    'keys.shape',
    [
      ['Tab / Shift+Tab', 'key.cycle'],
      ['← → ↑ ↓ · Shift', 'key.move'],
      ['Alt+← → ↑ ↓ · Shift', 'key.size'],
      ['Delete · Ctrl+D', 'key.delete'],
      ['Ctrl+C / Ctrl+V', 'key.copy'],
      ['Ctrl+4', 'key.back'],
    ],
  ],
  [
    'keys.view',
    [
      ['+ / - / 0', 'key.zoom'],
      ['', 'key.pan'],
      ['F', 'key.fill'],
    ],
  ],
]
const CLASSIFY: typeof DRAW = [
  ['keys.label', [['1 … 9', 'key.label']]],
  [
    'keys.go',
    [
      ['D / A', 'key.next'],
      ['Ctrl+A', 'key.all'],
      ['Esc', 'key.cancel'],
      ['?', 'key.help'],
    ],
  ],
]
const RECORDS: typeof DRAW = [
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
const OF: Record<LabelKind, typeof DRAW> = {
  classification: CLASSIFY,
  detection: DRAW,
  segmentation: DRAW,
  records: RECORDS,
}

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
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('shortcuts')} width={640}>
      <div className="label-keys">
        {OF[kind].map(([title, rows]) => (
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
    </Modal>
  )
}
