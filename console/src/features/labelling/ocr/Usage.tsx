import { Button, Drawer } from 'antd'
import { useText, type KeyOf } from '@/base/text'
import { copyText } from '@/ui/copyText'
import { useNotify } from '@/ui/notify'
import { text } from './text'

type Words = KeyOf<typeof text>

/** How checkboxes of forms are written (LAB-47). */
const GLYPHS: readonly (readonly [glyph: string, words: Words])[] = [
  ['□', 'glyph.empty'],
  ['☑', 'glyph.ticked'],
  ['☒', 'glyph.crossed'],
  ['○', 'glyph.round'],
  ['●', 'glyph.filled'],
]
const TOOLS: readonly (readonly [Words, Words])[] = [
  ['auto', 'auto.hint'],
  ['toggle.attribute', 'toggle.attribute.hint'],
  ['toggle.text', 'toggle.text.hint'],
  ['toggle.points', 'toggle.points.hint'],
  ['toggle.ids', 'toggle.ids.hint'],
  ['display', 'display.hint'],
  ['toggle.assist', 'toggle.assist.hint'],
  ['readBox', 'readBox.hint'],
  ['toggle.autosave', 'toggle.autosave.hint'],
]
const KEYS: readonly (readonly [keys: string, words: Words])[] = [
  ['Ctrl / ⌘', 'key.move'],
  ['Alt / ⌥', 'key.zoom'],
  ['F1', 'key.copy'],
  ['F2', 'key.text'],
  ['F3', 'key.attribute'],
  ['F4 · Delete', 'key.delete'],
  ['F5 · Ctrl+S', 'key.save'],
  ['F6', 'key.split'],
  ['V / R / Q', 'key.tools'],
  ['N', 'key.new'],
  ['K', 'key.pair'],
  ['Tab / Shift+Tab', 'key.cycle'],
  ['← → ↑ ↓ · Shift', 'key.nudge'],
  ['A / D', 'key.go'],
  ['Enter · Ctrl+Enter', 'key.submit'],
  ['Ctrl+Z / Ctrl+Shift+Z', 'key.undo'],
]

/** Checkbox glyphs, tools and shortcuts (LAB-46). */
export function Usage({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const copy = async (glyph: string) => {
    if (await copyText(glyph)) notify.success(t('glyph.copied', { glyph }))
  }
  return (
    <Drawer open={open} onClose={onClose} title={t('usage')} size={400} mask={false}>
      <div className="ocr-usage">
        <h3>{t('usage.glyphs')}</h3>
        <p className="sw-soft">{t('usage.glyphsHint')}</p>
        <div className="ocr-glyphs">
          {GLYPHS.map(([glyph, words]) => (
            <Button key={glyph} onClick={() => void copy(glyph)} aria-label={t(words)}>
              <b>{glyph}</b> {t(words)}
            </Button>
          ))}
        </div>
        <h3>{t('usage.tools')}</h3>
        <dl>
          {TOOLS.map(([name, hint]) => (
            <div key={name}>
              <dt>{t(name)}</dt>
              <dd>{t(hint)}</dd>
            </div>
          ))}
        </dl>
        <h3>{t('usage.keys')}</h3>
        <dl>
          {KEYS.map(([keys, words]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{t(words)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Drawer>
  )
}
