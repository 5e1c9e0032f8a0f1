import { Alert, Button } from 'antd'
import { useState } from 'react'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { DataTable, type Column } from '@/ui/DataTable'
import { dryRunPolicy, type DryRunResult } from './queries'
import { text } from './text'
import { whenSlow } from '@/ui/busy'

interface Change {
  key: string
  name: string
  words: string
}

/** What the policy as written would change, before it is saved (RES-X5). */
export function DryRun({ groupId, policy }: { groupId: string; policy: string }) {
  const t = useText(text)
  const [result, setResult] = useState<DryRunResult | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    setProblem(null)
    setResult(null)
    try {
      setResult(await dryRunPolicy(groupId, policy))
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="resources-fields">
      <span>
        <Button loading={whenSlow(busy)} onClick={() => void run()}>
          {t('dryRun')}
        </Button>
      </span>
      {problem === null ? null : (
        <Alert type="error" showIcon role="alert" title={problemWords(problem).message} />
      )}
      {result === null ? null : <Result result={result} />}
    </div>
  )
}

function Result({ result }: { result: DryRunResult }) {
  const t = useText(text)
  const changes = useChanges(result)
  const columns: Column<Change>[] = [
    { key: 'name', title: t('holding.name'), render: ({ name }) => name },
    { key: 'words', title: t('dryRun.what'), render: ({ words }) => words },
  ]
  return (
    <>
      <Alert
        type="info"
        showIcon
        title={t('dryRun.sum', {
          priorities: result.priorities_changed,
          starts: result.would_start,
          evictions: result.would_be_evicted,
        })}
      />
      {changes.length > 0 ? (
        <DataTable label={t('dryRun')} rows={changes} rowKey={({ key }) => key} columns={columns} />
      ) : null}
    </>
  )
}

function useChanges({ priorities, starts, evictions }: DryRunResult): Change[] {
  const t = useText(text)
  return [
    ...priorities.map(({ workload, before, after }) => ({
      name: workload.name,
      words: t('dryRun.priority', { before, after }),
    })),
    ...starts.map(({ name }) => ({ name, words: t('dryRun.start') })),
    ...evictions.map(({ workload }) => ({ name: workload.name, words: t('dryRun.evict') })),
  ].map((change, index) => ({ ...change, key: String(index) }))
}
