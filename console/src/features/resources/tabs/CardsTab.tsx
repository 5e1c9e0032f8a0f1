import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { CardMap } from '../CardMap'
import { freeIn } from '../queries'

export function CardsTab({ groupId }: { groupId: string }) {
  const { data, error, refetch } = useQuery(freeIn(groupId))
  if (data !== undefined) return <CardMap nodes={data.nodes} />
  return (
    <Panel>
      {error === null ? (
        <Skeleton active />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Panel>
  )
}
