import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { DocumentTab } from '../services/document/DocumentTab'
import '../services/services.css'
import { DetailPage } from '@/ui/DetailPage'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { presetServices } from './queries'
import { text } from './text'

/** One preset: what it is and how it is called. */
export function PresetPage() {
  const t = useText(text)
  const navigate = useNavigate()
  const { id = '', tab } = useParams()
  const { data, error, refetch } = useQuery(presetServices())
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  const one = data.items.find((preset) => preset.id === id)
  if (one === undefined) return <EmptyState title={t('gone')} hint={t('goneHint')} />
  return (
    <DetailPage
      title={one.name}
      id={one.id}
      state={one.state}
      back={{ to: '/preset-services', label: t('title') }}
      path={`/preset-services/${id}`}
      tab={tab}
      top={one.description === '' ? null : <p className="sw-soft">{one.description}</p>}
      actions={[
        {
          key: 'try',
          label: t('try'),
          blocked: one.state === 'Stopped' ? t('stopped') : null,
          run: () => void navigate(`/playground?service=${id}`),
        },
        {
          key: 'group',
          label: t('group'),
          run: () => void navigate('/service-groups'),
        },
      ]}
      tabs={[
        {
          key: 'document',
          label: t('document'),
          render: () => <DocumentTab service={one.id} />,
        },
      ]}
    />
  )
}
