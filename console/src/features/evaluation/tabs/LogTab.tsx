import { Segmented } from 'antd'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { restLogSource } from '@/api/logs'
import { useText } from '@/base/text'
import { LogView } from '@/ui/log/LogView'
import type { EvaluationDetail } from '../queries'
import { text } from '../text'

const KINDS = ['call', 'inference'] as const
type Kind = (typeof KINDS)[number]

/** What was asked (calls), and what served the models said (inference). */
export function LogTab({ evaluation: { id, queued_at } }: { evaluation: EvaluationDetail }) {
  const t = useText(text)
  const [query, setQuery] = useSearchParams()
  const log = KINDS.find((one) => one === query.get('log')) ?? 'call'
  // An evaluation that is restarted writes on after its log had ended.
  const source = useMemo(() => logSource(id, log, queued_at), [id, log, queued_at])
  return (
    <div className="sw-stack">
      <Segmented<Kind>
        className="evaluation-kinds"
        value={log}
        onChange={(next) => setQuery({ log: next }, { replace: true })}
        options={KINDS.map((value) => ({ value, label: t(`log.${value}`) }))}
      />
      <LogView source={source} />
    </div>
  )
}

function logSource(id: string, log: Kind, run: string) {
  return { ...restLogSource(`/api/v1/evaluations/${encodeURIComponent(id)}/logs`, { log }), run }
}
