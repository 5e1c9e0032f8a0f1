import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import type { ReactNode } from 'react'
import { ErrorState } from '@/ui/ErrorState'
import type { ServiceDetail } from '../queries'
import { PolicyForm } from './PolicyForm'
import { callPolicy, modelTerms } from './queries'
import { TermsForm } from './TermsForm'
import { Upstreams } from './Upstreams'

/** What the gateway does with this service's calls, and where it may send them. */
export function GatewayTab({ service }: { service: ServiceDetail }) {
  const terms = useQuery(modelTerms(service.id))
  const policy = useQuery(callPolicy(service.id))
  return (
    <div className="sw-stack">
      <Upstreams service={service.id} />
      {once(terms, (data) => (
        <TermsForm service={service} terms={data} />
      ))}
      {once(policy, (data) => (
        <PolicyForm service={service} policy={data} />
      ))}
    </div>
  )
}

function once<T>({ data, error, refetch }: UseQueryResult<T>, show: (data: T) => ReactNode) {
  if (data !== undefined) return show(data)
  if (error === null) return <Skeleton active paragraph={{ rows: 6 }} />
  return <ErrorState error={error} onRetry={() => void refetch()} />
}
