import { useQuery } from '@tanstack/react-query'
import { Form } from 'antd'
import { useText } from '@/base/text'
import { fitOf, type Fit } from '../../resources/amounts'
import { FreeCards } from '../../resources/FreeCards'
import { freeIn, type Group } from '../../resources/queries'
import { formText } from './text'
import type { Values } from './values'

const TONES: Record<Fit, string> = { now: 'good', later: 'warn', never: 'bad' }

/** What the group has free at this moment, and whether the request fits into it. */
export function FreeNow({ group }: { group: Group }) {
  return <FreeCards groupId={group.id} beside={<FitWords group={group} />} />
}

function FitWords({ group }: { group: Group }) {
  const f = useText(formText)
  const form = Form.useFormInstance<Values>()
  const { data } = useQuery(freeIn(group.id))
  const values = Form.useWatch((all: Partial<Values>) => all, { form, preserve: true }) as
    Partial<Values> | undefined
  const { cpu_cores, memory_bytes, gpus = 0, instances = 1, mode } = values ?? {}
  if (cpu_cores === undefined || memory_bytes === undefined || data === undefined) return null
  const request = { cpu_cores, memory_bytes, gpus }
  const fit = fitOf(data.nodes, request, mode === 'single' ? 1 : instances)
  return (
    <span data-tone={TONES[fit]} className="training-fit">
      {f(`fit.${fit}`)}
    </span>
  )
}
