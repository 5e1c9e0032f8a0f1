import { useQuery } from '@tanstack/react-query'
import { Alert, Skeleton } from 'antd'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { Sentence } from '@/ui/Sentence'
import { DetailPage, type DetailTab } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Page } from '@/ui/Page'
import { useEvaluationActions } from './actions'
import { isActive, oneEvaluation, type EvaluationDetail } from './queries'
import { ConfigTab } from './tabs/ConfigTab'
import { LogTab } from './tabs/LogTab'
import { ProgressTab } from './tabs/ProgressTab'
import { ResultsTab } from './tabs/ResultsTab'
import { SamplesTab } from './tabs/SamplesTab'
import { text } from './text'
import './evaluation.css'

export function EvaluationPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneEvaluation(id))
  if (data !== undefined) return <One evaluation={data} />
  return (
    <Page title={id} back={{ to: '/evaluations', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  )
}

function One({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useText(text)
  const { tab } = useParams()
  const navigate = useNavigate()
  const actions = useEvaluationActions(() => void navigate('/evaluations', { replace: true }))
  const { state, reason } = evaluation
  const failed = state === 'Failed'
  return (
    <DetailPage
      title={evaluation.name}
      id={evaluation.id}
      state={state}
      reason={reason || null}
      percent={isActive(evaluation) ? evaluation.percent : null}
      back={{ to: '/evaluations', label: t('title') }}
      path={`/evaluations/${evaluation.id}`}
      actions={actions(evaluation)}
      top={
        reason !== '' && (failed || state === 'Queued') ? (
          <Alert
            className="evaluation-reason"
            type={failed ? 'error' : 'info'}
            showIcon
            title={t(failed ? 'reason.failed' : 'reason.waits')}
            description={<Sentence of={reason} />}
          />
        ) : null
      }
      tab={tab}
      tabs={useTabs(evaluation)}
    />
  )
}

function useTabs(evaluation: EvaluationDetail): DetailTab[] {
  const t = useText(text)
  const of = { evaluation }
  return [
    { key: 'results', label: t('tab.results'), render: () => <ResultsTab {...of} /> },
    { key: 'progress', label: t('tab.progress'), render: () => <ProgressTab {...of} /> },
    { key: 'samples', label: t('tab.samples'), render: () => <SamplesTab {...of} /> },
    { key: 'logs', label: t('tab.logs'), render: () => <LogTab {...of} /> },
    { key: 'config', label: t('tab.config'), render: () => <ConfigTab {...of} /> },
  ]
}
