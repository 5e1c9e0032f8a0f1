import { Button, Drawer, Form } from 'antd'
import { useState } from 'react'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { amountsOf, fitOf, freeCards, type Fit } from '../../resources/amounts'
import { Meter } from '../../resources/Meter'
import { cores, NodeTable } from '../../resources/NodeTable'
import type { Group } from '../../resources/queries'
import { text as resourceText } from '../../resources/text'
import { formText } from './text'
import type { Values } from './values'

const TONES: Record<Fit, string> = { now: 'good', later: 'warn', never: 'bad' }

/** What the group has free at this moment, and whether the request fits into it. */
export function FreeNow({ group }: { group: Group }) {
  const f = useText(formText)
  const r = useText(resourceText)
  const [open, setOpen] = useState(false)
  const all = amountsOf(group.nodes)
  return (
    <section className="training-free" aria-label={f('free')}>
      <header>
        <strong>{f('free')}</strong>
        <FitWords group={group} />
        <Button type="link" size="small" onClick={() => setOpen(true)}>
          {f('free.details')}
        </Button>
      </header>
      <div className="training-free-bars">
        <Meter
          label={r('cpu')}
          held={all.cpuHeld}
          total={all.cpu}
          words={f('free.of', { free: cores(all.cpu - all.cpuHeld), total: cores(all.cpu) })}
        />
        <Meter
          label={r('memory')}
          held={all.memoryHeld}
          total={all.memory}
          words={f('free.of', {
            free: formatBytes(all.memory - all.memoryHeld),
            total: formatBytes(all.memory),
          })}
        />
      </div>
      <Cards group={group} />
      <Drawer
        open={open}
        size={960}
        title={group.name}
        onClose={() => setOpen(false)}
        styles={{ body: { padding: 0 } }}
      >
        <NodeTable nodes={group.nodes} label={group.name} />
      </Drawer>
    </section>
  )
}

function Cards({ group }: { group: Group }) {
  const f = useText(formText)
  const models = freeCards(group)
  if (models.length === 0) return <p className="sw-faint">{f('free.noGpu')}</p>
  return (
    <ul>
      {models.map(({ model, total, free, whole, fragments }) => (
        <li key={model}>
          <strong>{model}</strong> {f('free.cards', { free, total, whole, fragments })}
        </li>
      ))}
    </ul>
  )
}

function FitWords({ group }: { group: Group }) {
  const f = useText(formText)
  const form = Form.useFormInstance<Values>()
  const values = Form.useWatch((all: Partial<Values>) => all, { form, preserve: true }) as
    Partial<Values> | undefined
  const { cpu_cores, memory_bytes, gpus = 0, instances = 1, mode } = values ?? {}
  if (cpu_cores === undefined || memory_bytes === undefined) return null
  const fit = fitOf(group, { cpu_cores, memory_bytes, gpus }, mode === 'single' ? 1 : instances)
  return (
    <span data-tone={TONES[fit]} className="training-fit">
      {f(`fit.${fit}`)}
    </span>
  )
}
