import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { Panel } from '@/ui/Page'
import { amountsOf } from './amounts'
import { Meter } from './Meter'
import { cores } from './NodeTable'
import type { Node } from './queries'
import { text } from './text'

/** All nodes together. */
export function Totals({ nodes }: { nodes: readonly Node[] }) {
  const t = useText(text)
  const all = amountsOf(nodes)
  const of = (held: string | number, total: string | number) => t('of', { held, total })
  return (
    <div className="resources-totals">
      <Panel>
        <Meter
          label={t('cpu')}
          held={all.cpuHeld}
          total={all.cpu}
          words={of(cores(all.cpuHeld), cores(all.cpu))}
        />
      </Panel>
      <Panel>
        <Meter
          label={t('memory')}
          held={all.memoryHeld}
          total={all.memory}
          words={of(formatBytes(all.memoryHeld), formatBytes(all.memory))}
        />
      </Panel>
      <Panel>
        <Meter
          label={t('gpu')}
          held={all.gpusHeld}
          total={all.gpus}
          words={all.gpus === 0 ? t('gpu.none') : of(all.gpusHeld, all.gpus)}
        />
      </Panel>
    </div>
  )
}
