import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { ErrorState } from '@/ui/ErrorState'
import type { ServiceDetail } from '../queries'
import { PolicyForm } from './PolicyForm'
import { callPolicy } from './queries'
import { Upstreams } from './Upstreams'

/** What the gateway does with this service's calls, and where it may send them. */
export function GatewayTab({ service }: { service: ServiceDetail }) {
  const { data, error, refetch } = useQuery(callPolicy(service.id))
  return (
    <div className="sw-stack">
      <Upstreams service={service.id} />
      {data !== undefined ? (
        <PolicyForm service={service} policy={data} />
      ) : error === null ? (
        <Skeleton active paragraph={{ rows: 6 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </div>
  )
}
