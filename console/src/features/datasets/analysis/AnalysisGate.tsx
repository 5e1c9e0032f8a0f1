import { useQuery } from '@tanstack/react-query'
import { Alert, Skeleton } from 'antd'
import type { ReactNode } from 'react'
import { useApiMutation } from '@/api/queries'
import type { Schema } from '@/api/types'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { analysisList, startAnalysis, type AnalysisKind } from './queries'
import { text } from './text'

interface Props {
  id: string
  number: number
  kind: AnalysisKind
  title: string
  hint: string
  form?: Schema<'AnalysisForm'>
  /** What can be chosen before it starts. */
  options?: ReactNode
  children: (again: ReactNode) => ReactNode
}

/** Offers an analysis that was not made, shows one that is under way, and then its result. */
export function AnalysisGate({ id, number, kind, title, hint, form, options, children }: Props) {
  const t = useText(text)
  const say = useSentence()
  const query = useQuery(analysisList(id, number))
  const start = useApiMutation(startAnalysis, ['dataset'])
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  if (query.data === undefined) return <Skeleton active />
  const found = query.data.items.find((one) => one.kind === kind)
  const button = (primary: boolean) => (
    <ActionButton
      action={{
        key: kind,
        label: found === undefined ? t('start') : t('again'),
        primary,
        run: () => start.mutateAsync({ id, number, kind, form }),
      }}
    />
  )
  if (found?.state === 'done') return children(button(false))
  if (found?.state === 'running') {
    return (
      <Alert
        type="info"
        showIcon
        title={t('running', { percent: found.progress_percent ?? 0 })}
        description={t('runningHint')}
      />
    )
  }
  return (
    <div className="sw-stack">
      {found === undefined ? null : (
        <Alert type="error" showIcon title={t('failed')} description={say(found.reason ?? '')} />
      )}
      <EmptyState
        title={title}
        hint={hint}
        action={
          <div className="datasets-analysis-start">
            {options}
            {button(true)}
          </div>
        }
      />
    </div>
  )
}
