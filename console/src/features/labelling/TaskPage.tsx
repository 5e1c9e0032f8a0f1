import { useQuery } from '@tanstack/react-query'
import { Alert, Skeleton } from 'antd'
import { Link, useNavigate, useParams } from 'react-router'
import { useMay } from '@/api/session'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { DetailPage } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Page } from '@/ui/Page'
import { InfoTab } from './InfoTab'
import './labelling.css'
import { ProgressTab } from './ProgressTab'
import { PublishDialog } from './PublishDialog'
import { oneTask, type Task } from './queries'
import { SettingsTab } from './SettingsTab'
import { QualityTab } from './teams/QualityTab'
import { text as teamsText } from './teams/text'
import { text } from './text'
import { useTaskActions } from './useTaskActions'

export function TaskPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneTask(id))
  if (data !== undefined) return <Loaded task={data} />
  return (
    <Page title={id} back={{ to: '/labelling', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  )
}

function Loaded({ task }: { task: Task }) {
  const t = useText(text)
  const teams = useText(teamsText)
  const mayReview = useMay()('label:review:update')
  const { tab } = useParams()
  const navigate = useNavigate()
  const { actions, publishing, closePublishing } = useTaskActions(() => {
    void navigate('/labelling', { replace: true })
  })
  return (
    <>
      <DetailPage
        title={task.name}
        id={task.id}
        state={task.state}
        reason={task.reason}
        back={{ to: '/labelling', label: t('title') }}
        path={`/labelling/${task.id}`}
        actions={actions(task)}
        top={<Published task={task} />}
        tab={tab}
        tabs={[
          { key: 'progress', label: t('tab.progress'), render: () => <ProgressTab task={task} /> },
          ...(mayReview
            ? [
                {
                  key: 'quality',
                  label: teams('quality'),
                  render: () => <QualityTab task={task} />,
                },
              ]
            : []),
          { key: 'info', label: t('tab.info'), render: () => <InfoTab task={task} /> },
          { key: 'settings', label: t('edit'), render: () => <SettingsTab task={task} /> },
        ]}
      />
      <PublishDialog task={publishing} onClose={closePublishing} />
    </>
  )
}

/** What became of the last publication. */
function Published({ task }: { task: Task }) {
  const t = useText(text)
  const say = useSentence()
  const { publication, dataset_id: id, dataset_name: dataset } = task
  if (publication === null) return null
  if (publication.state === 'failed') {
    return (
      <Alert
        type="error"
        showIcon
        title={t('published.failed')}
        description={say(publication.reason ?? '')}
      />
    )
  }
  if (publication.version === null) {
    return <Alert type="info" showIcon title={t('published.wanted')} />
  }
  const { version } = publication
  return (
    <Alert
      type="success"
      showIcon
      title={
        <Link to={`/datasets/${id}?v=${version}`}>
          {t('published.version', { version, dataset })}
        </Link>
      }
    />
  )
}
