import { useMemo, useState } from 'react'
import { useText } from '@/base/text'
import { boxesOf, type FlameNode } from './flame'
import { profileText } from './text'

const ROW_PX = 20

/** From outer calls at the top to inner ones; a click makes one call the whole width. */
export function FlameGraph({ root }: { root: FlameNode }) {
  const t = useText(profileText)
  const [top, setTop] = useState<FlameNode | null>(null)
  const shown = top ?? root
  const boxes = useMemo(() => boxesOf(shown), [shown])
  const rows = Math.max(...boxes.map(({ depth }) => depth), 0) + 1
  const name = (node: FlameNode) => (node === root ? t('all') : node.name)
  return (
    <div className="training-flame" style={{ height: rows * ROW_PX }}>
      {boxes.map(({ node, depth, left, width }, at) => (
        <button
          key={at}
          type="button"
          className="training-flame-box"
          data-shade={shadeOf(node.name)}
          title={`${name(node)} ${node.place}\n${share(node.value / root.value)}`}
          style={{ top: depth * ROW_PX, left: share(left), width: share(width) }}
          onClick={() => setTop(node === shown ? null : node)}
        >
          {width > 0.02 ? name(node) : ''}
        </button>
      ))}
    </div>
  )
}

const share = (part: number) => `${(part * 100).toFixed(2)}%`

/** The same function has the same shade wherever it is called. */
function shadeOf(name: string): number {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 997
  return sum % 4
}
