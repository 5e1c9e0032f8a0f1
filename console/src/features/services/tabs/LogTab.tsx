import { useQuery } from '@tanstack/react-query'
import { Alert, Select } from 'antd'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { currentProject } from '@/api/project'
import { restLogSource } from '@/api/logs'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { LogView } from '@/ui/log/LogView'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { logDelivery, replicaList, type ServiceDetail, type Version } from '../queries'
import { text } from '../text'
import { useAddressPart, useVersion, VersionSelect } from '../versionChoice'

/** The log of a version, of all its instances or of one, as it is written. */
export function LogTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const version = useVersion(service)
  if (version === undefined) {
    return (
      <Panel>
        <EmptyState title={t('version.none')} hint={t('version.noneHint')} />
      </Panel>
    )
  }
  return <Log service={service} version={version} />
}

function Log({ service, version }: { service: ServiceDetail; version: Version }) {
  const t = useText(text)
  const [instance, setInstance] = useAddressPart('instance')
  const { data } = useQuery(replicaList(service, version.id, true))
  // A version that is started again writes on after its log had ended: a new start, a new stream.
  const source = useMemo(
    () => logSource(version.id, instance, version.started_at),
    [version.id, instance, version.started_at],
  )
  return (
    <div className="sw-stack">
      <div className="sw-row">
        <VersionSelect service={service} />
        <Select
          className="services-choice"
          aria-label={t('instance.name')}
          value={instance ?? ''}
          onChange={(id: string) => setInstance(id === '' ? null : id)}
          options={[
            { value: '', label: t('logs.all') },
            ...(data?.items ?? []).map(({ id }) => ({ value: id, label: id })),
          ]}
        />
      </div>
      <Delivery service={service} version={version} />
      <LogView source={source} />
    </div>
  )
}

/** Where the lines also go, and what keeps them from it. */
function Delivery({ service, version }: { service: ServiceDetail; version: Version }) {
  const t = useText(text)
  const on = version.config.deliver_logs
  const { data } = useQuery({ ...logDelivery(service.id, version.id), enabled: on })
  if (!on || data === undefined) return null
  if (data.error === '') {
    return (
      <p className="sw-soft services-noalarm">
        {t('logs.delivered')}{' '}
        <Link to={`/projects/${currentProject() ?? ''}`}>{t('logs.store')}</Link>
      </p>
    )
  }
  return (
    <Alert
      type="warning"
      showIcon
      title={t('logs.notDelivered')}
      description={<Sentence of={data.error} />}
    />
  )
}

function logSource(version: string, instance: string | null, start: string | null) {
  const path = `/api/v1/services/versions/${encodeURIComponent(version)}/logs`
  return { ...restLogSource(path, instance === null ? {} : { instance }), start }
}
