import { useQuery } from '@tanstack/react-query'
import { Alert, Skeleton } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useText } from '@/base/text'
import { Sentence } from '@/ui/Sentence'
import { DetailPage, type DetailTab } from '@/ui/DetailPage'
import { ErrorState } from '@/ui/ErrorState'
import { Page } from '@/ui/Page'
import { useServiceActions } from './actions'
import { EditServiceDialog } from './EditServiceDialog'
import { DocumentTab } from './document/DocumentTab'
import { documentText } from './document/text'
import { GatewayTab } from './gateway/GatewayTab'
import { text as gatewayText } from './gateway/text'
import { LoadTab } from './load/LoadTab'
import { text as loadText } from './load/text'
import { oneService, type ServiceDetail } from './queries'
import { CallTab } from './tabs/CallTab'
import { EventsTab } from './tabs/EventsTab'
import { InstancesTab } from './tabs/InstancesTab'
import { KeysTab } from './tabs/KeysTab'
import { LogTab } from './tabs/LogTab'
import { MonitorTab } from './tabs/MonitorTab'
import { UpdatesTab } from './tabs/UpdatesTab'
import { VersionsTab } from './tabs/VersionsTab'
import { ScalingTab } from './scaling/ScalingTab'
import { text as scalingText } from './scaling/text'
import { text } from './text'
import './services.css'

export function ServicePage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneService(id))
  if (data !== undefined) return <Service service={data} />
  return (
    <Page title={id} back={{ to: '/services', label: t('title') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Page>
  )
}

function Service({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const { tab } = useParams()
  const navigate = useNavigate()
  const [editing, setEditing] = useState(false)
  const actions = useServiceActions({
    onEdit: () => setEditing(true),
    onDeleted: () => void navigate('/services', { replace: true }),
  })
  return (
    <>
      <DetailPage
        title={service.name}
        id={service.id}
        state={service.state}
        reason={service.reason || null}
        back={{ to: '/services', label: t('title') }}
        path={`/services/${service.id}`}
        actions={actions(service)}
        top={<Reason service={service} />}
        tab={tab}
        tabs={useTabs(service)}
      />
      <EditServiceDialog service={editing ? service : null} onClose={() => setEditing(false)} />
    </>
  )
}

/** Why it fails or waits stands in the open, with what the failed instance said last. */
function Reason({ service: { state, reason, items } }: { service: ServiceDetail }) {
  const t = useText(text)
  const failed = state === 'Abnormal' || state === 'CREATE_FAILED'
  if (reason === '' || (!failed && !['CREATING', 'Pending', 'Waiting'].includes(state))) return null
  const last = items.find((one) => one.last_log.length > 0 && one.failures > 0)?.last_log ?? []
  return (
    <Alert
      className="services-reason"
      type={failed ? 'error' : 'info'}
      showIcon
      title={t(failed ? 'reason.failed' : 'reason.waits')}
      description={
        <>
          <p>
            <Sentence of={reason} />
          </p>
          {last.length === 0 ? null : (
            <details>
              <summary>{t('reason.log')}</summary>
              <pre>{last.join('\n')}</pre>
            </details>
          )}
        </>
      }
    />
  )
}

function useTabs(service: ServiceDetail): DetailTab[] {
  const t = useText(text)
  const inGateway = useText(gatewayText)
  const gateway = {
    key: 'gateway',
    label: inGateway('tab'),
    render: () => <GatewayTab service={service} />,
  }
  const words = useText(documentText)
  const document = {
    key: 'document',
    label: words('tab'),
    render: () => <DocumentTab service={service.id} />,
  }
  const s = useText(scalingText)
  const load = useText(loadText)
  return [
    { key: 'versions', label: t('tab.versions'), render: () => <VersionsTab service={service} /> },
    { key: 'call', label: t('tab.call'), render: () => <CallTab service={service} /> },
    { key: 'monitor', label: t('tab.monitor'), render: () => <MonitorTab service={service} /> },
    { key: 'load', label: load('tab'), render: () => <LoadTab service={service} /> },
    { key: 'keys', label: t('tab.keys'), render: () => <KeysTab service={service} /> },
    ...(service.llm ? [document, gateway] : []),
    {
      key: 'instances',
      label: t('tab.instances'),
      render: () => <InstancesTab service={service} />,
    },
    { key: 'scaling', label: s('tab'), render: () => <ScalingTab service={service} /> },
    { key: 'logs', label: t('tab.logs'), render: () => <LogTab service={service} /> },
    { key: 'events', label: t('tab.events'), render: () => <EventsTab service={service} /> },
    { key: 'updates', label: t('tab.updates'), render: () => <UpdatesTab service={service} /> },
  ]
}
