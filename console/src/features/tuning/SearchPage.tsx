import { useQuery } from '@tanstack/react-query'
import { Alert, Skeleton } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { DetailPage } from '@/ui/DetailPage'
import { Page } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { useSearchActions } from './actions'
import { PublishBest } from './PublishBest'
import { oneSearch, type Search, type SearchDetail } from './queries'
import { SetupTab } from './SetupTab'
import { text } from './text'
import { TrialsTab } from './TrialsTab'
import '@/features/training/training.css'
import './tuning.css'

export function SearchPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneSearch(id))
  if (data !== undefined) return <Found search={data} />
  return (
    <Page title={id} back={{ to: '/searches', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  )
}

function Found({ search }: { search: SearchDetail }) {
  const t = useText(text)
  const { tab } = useParams()
  const navigate = useNavigate()
  const [publishing, setPublishing] = useState<Search | null>(null)
  const actions = useSearchActions({
    onPublish: setPublishing,
    onDeleted: () => void navigate('/searches', { replace: true }),
  })
  return (
    <>
      <DetailPage
        title={search.name}
        id={search.id}
        state={search.state}
        reason={search.reason}
        back={{ to: '/searches', label: t('title') }}
        path={`/searches/${search.id}`}
        actions={actions(search)}
        top={
          search.state === 'Abnormal' ? (
            <Alert
              className="training-reason"
              type="error"
              showIcon
              title={<Sentence of={search.reason} />}
            />
          ) : null
        }
        tab={tab}
        tabs={[
          { key: 'trials', label: t('tab.trials'), render: () => <TrialsTab search={search} /> },
          { key: 'setup', label: t('tab.setup'), render: () => <SetupTab search={search} /> },
        ]}
      />
      <PublishBest search={publishing} onClose={() => setPublishing(null)} />
    </>
  )
}
