import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { callInfo, type ServiceDetail } from '../queries'
import { useAddressPart } from '../versionChoice'
import { LoadForm } from './LoadForm'
import { LoadHistory } from './LoadHistory'
import { LoadResult } from './LoadResult'
import { isOpen, loadTests, type LoadTest } from './queries'
import { text } from './text'
import './load.css'

/** Sweeps over the number of callers: start one, watch it, look at earlier ones. */
export function LoadTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const calls = useQuery(callInfo(service.id))
  const tests = useQuery(loadTests(service.id))
  const [chosen, choose] = useAddressPart('load')
  const [template, setTemplate] = useState<LoadTest | null>(null)
  const error = calls.error ?? tests.error
  if (error !== null) {
    return (
      <ErrorState error={error} onRetry={() => void calls.refetch().then(() => tests.refetch())} />
    )
  }
  if (calls.data === undefined || tests.data === undefined) {
    return <Skeleton active paragraph={{ rows: 8 }} />
  }
  const known = tests.data.items
  const open = known.find(isOpen)
  const shown = known.find(({ id }) => id === chosen) ?? open ?? known[0]
  return (
    <div className="sw-stack">
      <p className="sw-faint load-lead">{t('lead')}</p>
      <LoadForm
        key={template?.id ?? 'new'}
        service={service}
        interfaces={calls.data.interfaces}
        template={template}
        open={open}
        onStarted={({ id }) => choose(id)}
      />
      {shown === undefined ? (
        <Panel>
          <EmptyState title={t('none')} hint={t('noneHint')} />
        </Panel>
      ) : (
        <LoadResult test={shown} llm={service.llm} />
      )}
      {known.length === 0 ? null : (
        <LoadHistory
          tests={known}
          shown={shown?.id ?? null}
          onShow={({ id }) => choose(id)}
          onAgain={setTemplate}
        />
      )}
    </div>
  )
}
