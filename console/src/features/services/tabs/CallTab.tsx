import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Skeleton } from 'antd'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, type Fact } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Panel } from '@/ui/Page'
import { OnlineTest } from '../OnlineTest'
import { callInfo, type CallInfo, type ServiceDetail } from '../queries'
import { text } from '../text'
import { useAddressPart } from '../versionChoice'

/** Where to call, what to copy, and a place to try it. */
export function CallTab({ service }: { service: ServiceDetail }) {
  const { data, error, refetch } = useQuery(callInfo(service.id))
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  return <Call service={service} info={data} />
}

function Call({ service, info }: { service: ServiceDetail; info: CallInfo }) {
  const t = useText(text)
  const [chosen, choose] = useAddressPart('interface')
  const samples = [
    { language: info.grpc_address === null ? 'curl' : 'grpcurl', code: info.curl },
    { language: 'Python', code: info.python },
    ...(info.openai_python === null ? [] : [{ language: 'OpenAI', code: info.openai_python }]),
  ]
  const one = info.interfaces.find(({ path }) => path === chosen) ?? info.interfaces[0]
  return (
    <div className="sw-stack">
      <div className="services-call">
        <Panel title={t('endpoint')}>
          <Facts items={useFacts(info)} columns={1} />
        </Panel>
        <Panel title={t('call.sample')}>
          <div className="sw-stack">
            {info.auth ? (
              <Alert
                type="info"
                showIcon
                title={t('call.keys')}
                action={<Link to={`/services/${service.id}/keys`}>{t('call.toKeys')}</Link>}
              />
            ) : null}
            <CodeBlock samples={samples} />
          </div>
        </Panel>
      </div>
      {info.grpc_address !== null ? null : (
        <>
          <Panel title={t('call.interfaces')} flush>
            <DataTable
              label={t('call.interfaces')}
              rows={info.interfaces}
              rowKey={({ method, path }) => method + path}
              columns={[
                {
                  key: 'method',
                  title: t('test.method'),
                  width: 90,
                  render: ({ method }) => method,
                },
                { key: 'url', title: 'URL', render: ({ url }) => <IdText value={url} /> },
                {
                  key: 'test',
                  title: '',
                  align: 'right',
                  render: ({ path }) => (
                    <Button type="link" size="small" onClick={() => choose(path)}>
                      {t('test.use')}
                    </Button>
                  ),
                },
              ]}
            />
          </Panel>
          <OnlineTest key={one?.path ?? ''} service={service} start={one} />
        </>
      )}
    </div>
  )
}

function useFacts(info: CallInfo): Fact[] {
  const t = useText(text)
  const perVersion = Object.entries(info.version_endpoints)
  return [
    { key: 'endpoint', label: t('endpoint'), value: <IdText value={info.endpoint} /> },
    { key: 'type', label: t('call.type'), value: info.service_type },
    ...(info.grpc_authority === null
      ? []
      : [
          {
            key: 'authority',
            label: t('call.authority'),
            value: <IdText value={info.grpc_authority} />,
          },
          {
            key: 'metadata',
            label: t('call.metadata'),
            value: (
              <IdText value={`x-ti-service: ${info.grpc_authority.split('-sw-grpc')[0] ?? ''}`} />
            ),
          },
        ]),
    ...(info.openai_base_url === null
      ? []
      : [{ key: 'base', label: t('call.base'), value: <IdText value={info.openai_base_url} /> }]),
    ...(info.model === null
      ? []
      : [{ key: 'model', label: t('call.model'), value: <IdText value={info.model} /> }]),
    { key: 'auth', label: t('auth'), value: t(info.auth ? 'auth.on' : 'auth.off') },
    ...(info.qps_limit === null
      ? []
      : [
          {
            key: 'qps',
            label: t('call.qps'),
            value: t('call.qpsValue', { count: info.qps_limit }),
          },
        ]),
    ...(perVersion.length === 0
      ? []
      : [
          {
            key: 'versions',
            label: t('call.perVersion'),
            value: (
              <>
                {perVersion.map(([id, url]) => (
                  <div key={id}>
                    <IdText value={url} />
                  </div>
                ))}
              </>
            ),
          },
        ]),
  ]
}
