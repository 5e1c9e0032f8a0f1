import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import { useMemo, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { restLogSource } from '@/api/logs'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { DetailPage } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton, type Fact } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { LogView } from '@/ui/log/LogView'
import { Page, Panel } from '@/ui/Page'
import { Bytes } from '@/ui/Quantity'
import { Sentence } from '@/ui/Sentence'
import { Tags } from '@/ui/Tags'
import { TimeText } from '@/ui/TimeText'
import { useEnvironmentActions } from './actions'
import { EditDialog } from './EditDialog'
import { Purposes } from './EnvironmentsPage'
import { PackagesTab } from './PackagesTab'
import { oneEnvironment, type Environment, type EnvironmentDetail } from './queries'
import { text } from './text'
import { UsesTab } from './UsesTab'

/** `/environments/:id/:tab?` */
export function EnvironmentPage() {
  const t = useText(text)
  const { id = '', tab } = useParams()
  const navigate = useNavigate()
  const query = useQuery(oneEnvironment(id))
  const [editing, setEditing] = useState<Environment | null>(null)
  const actions = useEnvironmentActions(setEditing, () => void navigate('/environments'))
  const back = { to: '/environments', label: t('title') }
  if (query.data === undefined) {
    return (
      <Page title={id} back={back}>
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
  const environment = query.data
  return (
    <>
      <DetailPage
        title={`${environment.name} v${environment.version}`}
        id={environment.id}
        state={environment.state}
        reason={environment.reason || null}
        back={back}
        actions={actions(environment)}
        top={<Notice environment={environment} />}
        tab={tab}
        path={`/environments/${id}`}
        tabs={[
          {
            key: 'overview',
            label: t('tab.overview'),
            render: () => <Overview environment={environment} />,
          },
          { key: 'log', label: t('tab.log'), render: () => <LogTab environment={environment} /> },
          {
            key: 'packages',
            label: t('tab.packages'),
            render: () => <PackagesTab packages={environment.build?.packages ?? []} />,
          },
          { key: 'uses', label: t('tab.uses'), render: () => <UsesTab id={environment.id} /> },
        ]}
      />
      <EditDialog environment={editing} onClose={() => setEditing(null)} />
    </>
  )
}

function Notice({ environment: { id, state, reason } }: { environment: EnvironmentDetail }) {
  const t = useText(text)
  if (state === 'ready') return null
  const failed = state === 'failed'
  return (
    <Alert
      type={failed ? 'error' : 'info'}
      showIcon
      title={t(failed ? 'failed' : 'building')}
      description={reason ? <Sentence of={reason} /> : t('buildingHint')}
      action={<Link to={`/environments/${id}/log`}>{t('showLog')}</Link>}
    />
  )
}

function Overview({ environment }: { environment: EnvironmentDetail }) {
  const t = useText(text)
  const { requirements, constraints } = environment.source
  return (
    <div className="sw-stack">
      <Panel title={t('facts')}>
        <Facts columns={3} items={useFacts(environment)} />
      </Panel>
      {requirements === '' ? null : (
        <Panel title={t('requirements')}>
          <CodeBlock samples={[{ language: 'text', code: requirements }]} />
        </Panel>
      )}
      {constraints === '' ? null : (
        <Panel title={t('constraints')}>
          <CodeBlock samples={[{ language: 'text', code: constraints }]} />
        </Panel>
      )}
    </div>
  )
}

function useFacts(environment: EnvironmentDetail): Fact[] {
  const t = useText(text)
  const { source, build } = environment
  const made: Fact[] =
    source.kind === 'image'
      ? [{ key: 'image', label: t('image'), value: <code>{source.image}</code> }]
      : [
          { key: 'python', label: t('python'), value: environment.python },
          { key: 'index', label: t('index'), value: source.index_url || null },
          {
            key: 'platform',
            label: t('onPlatform'),
            value: t(source.on_platform ? 'yes' : 'no'),
          },
        ]
  return [
    {
      key: 'kind',
      label: t('kind'),
      value: t(source.kind === 'image' ? 'kind.image' : 'kind.python'),
    },
    { key: 'framework', label: t('framework'), value: environment.framework },
    { key: 'modes', label: t('modes'), value: environment.modes.join(', ') },
    {
      key: 'purposes',
      label: t('purposes'),
      value: <Purposes purposes={environment.purposes} />,
    },
    ...made,
    { key: 'user', label: t('user'), value: source.user || null },
    { key: 'size', label: t('size'), value: <Bytes value={environment.size_bytes} /> },
    { key: 'creator', label: t('creator'), value: environment.creator },
    {
      key: 'created',
      label: t('created'),
      value: <TimeText value={environment.created_at} absolute />,
    },
    { key: 'tags', label: t('tags'), value: <Tags tags={environment.tags} max={50} /> },
    {
      key: 'content',
      label: t('content'),
      wide: true,
      value: <IdText value={environment.content_hash} />,
    },
    ...(build && build.location !== ''
      ? [
          {
            key: 'digest',
            label: t('digest'),
            wide: true,
            value: <IdText value={build.location} />,
          },
        ]
      : []),
    ...(environment.description === ''
      ? []
      : [
          {
            key: 'description',
            label: t('description'),
            wide: true,
            value: environment.description,
          },
        ]),
  ]
}

function LogTab({ environment: { id, state } }: { environment: EnvironmentDetail }) {
  const source = useMemo(
    () => restLogSource(`/api/v1/environments/${encodeURIComponent(id)}/logs`, {}),
    [id],
  )
  // A build that is begun again writes a new log: a new view follows it.
  return <LogView key={state === 'building' ? 'building' : 'ended'} source={source} />
}
