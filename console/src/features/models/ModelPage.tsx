import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { Actions } from '@/ui/actions'
import { ErrorState } from '@/ui/ErrorState'
import { FactsSkeleton } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Page, Panel } from '@/ui/Page'
import { Tags } from '@/ui/Tags'
import { EditModelDialog } from './EditModelDialog'
import './models.css'
import { oneModel, useVersionsOfModels, type Model } from './queries'
import { text } from './text'
import { useModelActions } from './useModelActions'
import { VersionTable } from './VersionTable'

/** `/models/:id`: one model and its versions. */
export function ModelPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const query = useQuery(oneModel(id))
  useVersionsOfModels()
  if (query.data !== undefined) return <Loaded model={query.data} />
  return (
    <Page title={id} back={{ to: '/models', label: t('title') }}>
      <Panel>
        {query.error === null ? (
          <FactsSkeleton />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
      </Panel>
    </Page>
  )
}

function Loaded({ model }: { model: Model }) {
  const t = useText(text)
  const navigate = useNavigate()
  const [editing, setEditing] = useState(false)
  const actions = useModelActions(
    () => setEditing(true),
    () => void navigate('/models'),
  )
  return (
    <Page
      title={model.name}
      description={model.description}
      back={{ to: '/models', label: t('title') }}
      beside={
        <>
          <IdText value={model.id} />
          {Object.keys(model.tags).length > 0 ? <Tags tags={model.tags} max={6} /> : null}
        </>
      }
      actions={<Actions actions={actions(model)} inline={3} of={model.name} />}
    >
      <Panel flush title={t('versions')}>
        <VersionTable modelId={model.id} />
      </Panel>
      <EditModelDialog model={editing ? model : null} onClose={() => setEditing(false)} />
    </Page>
  )
}
