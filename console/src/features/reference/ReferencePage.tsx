import { DownloadOutlined, SearchOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Skeleton } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { Method } from './Method'
import { OperationView } from './OperationView'
import { operationsOf, specQuery, type Operation, type Spec } from './spec'
import { text } from './text'
import './reference.css'

/** Every function of the platform as an API: read it, try it, take it along (GWY-107). */
export function ReferencePage() {
  const t = useText(text)
  const { data, error, refetch } = useQuery(specQuery)
  return (
    <Page
      title={t('title')}
      description={t('lead')}
      actions={
        <Button icon={<DownloadOutlined aria-hidden />} href="/api/v1/openapi.json" download>
          openapi.json
        </Button>
      }
    >
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton active paragraph={{ rows: 10 }} />
      ) : (
        <Reference spec={data} />
      )}
    </Page>
  )
}

function Reference({ spec }: { spec: Spec }) {
  const [query, setQuery] = useSearchParams()
  const [search, setSearch] = useState('')
  const wanted = useDeferredValue(search.trim().toLowerCase())
  const all = operationsOf(spec)
  const shown = all.filter(({ path, summary, description, method, tag }) =>
    wanted
      .split(/\s+/)
      .every((word) =>
        `${method} ${path} ${summary} ${description} ${tag}`.toLowerCase().includes(word),
      ),
  )
  const chosen = all.find(({ id }) => id === query.get('call'))
  return (
    <div className="reference">
      <Calls
        operations={shown}
        search={search}
        chosen={chosen?.id ?? null}
        onSearch={setSearch}
        onChoose={(id) => setQuery({ call: id })}
      />
      {chosen === undefined ? (
        <Start spec={spec} count={all.length} />
      ) : (
        <OperationView key={chosen.id} spec={spec} operation={chosen} />
      )}
    </div>
  )
}

interface CallsProps {
  operations: readonly Operation[]
  search: string
  chosen: string | null
  onSearch: (search: string) => void
  onChoose: (id: string) => void
}

function Calls({ operations, search, chosen, onSearch, onChoose }: CallsProps) {
  const t = useText(text)
  const tags = [...new Set(operations.map(({ tag }) => tag))]
  return (
    <nav className="reference-calls" aria-label={t('calls')}>
      <Input
        type="search"
        allowClear
        prefix={<SearchOutlined aria-hidden />}
        aria-label={t('search')}
        placeholder={t('search')}
        value={search}
        onChange={(event) => onSearch(event.target.value)}
      />
      <div className="reference-list">
        {operations.length === 0 ? <EmptyState title={t('nothing')} /> : null}
        {tags.map((tag) => (
          <details key={tag} open={search !== '' || hasChosen(operations, tag, chosen)}>
            <summary>
              {tag} <small>{operations.filter((one) => one.tag === tag).length}</small>
            </summary>
            <ul>
              {operations
                .filter((one) => one.tag === tag)
                .map(({ id, method, path }) => (
                  <li key={id}>
                    <button
                      type="button"
                      aria-current={id === chosen}
                      title={`${method} ${path}`}
                      onClick={() => onChoose(id)}
                    >
                      <Method method={method} />
                      <span>{path.replace('/api/v1', '')}</span>
                    </button>
                  </li>
                ))}
            </ul>
          </details>
        ))}
      </div>
    </nav>
  )
}

function hasChosen(operations: readonly Operation[], tag: string, chosen: string | null): boolean {
  return operations.some((one) => one.tag === tag && one.id === chosen)
}

/** How to begin: sign in with a token, in the shell or with the SDK. */
function Start({ spec, count }: { spec: Spec; count: number }) {
  const t = useText(text)
  const origin = window.location.origin
  const file = `slipway-${spec.info.version}-py3-none-any.whl`
  const wheel = `${origin}/api/v1/client/${file}`
  return (
    <div className="sw-stack">
      <Panel
        title={t('start')}
        actions={
          <Button icon={<DownloadOutlined aria-hidden />} href={wheel} download={file}>
            {t('start.sdk')}
          </Button>
        }
      >
        <div className="sw-stack">
          <p>{t('start.what', { count, version: spec.info.version })}</p>
          <p>{t('start.token')}</p>
          <CodeBlock
            samples={[
              {
                language: 'curl',
                code: `export SLIPWAY_TOKEN=...\ncurl '${origin}/api/v1/me' -H "Authorization: Bearer $SLIPWAY_TOKEN"`,
              },
              {
                language: 'Python SDK',
                code: `# pip install ${wheel}\nimport os\n\nimport slipway\n\nwith slipway.Client("${origin}", os.environ["SLIPWAY_TOKEN"]) as client:\n    print(client.me().user.name)\n    for service in client.services.list():\n        print(service.name, service.state)`,
              },
              {
                language: 'CLI',
                code: `pip install ${wheel}\nslipway login --url ${origin}\nslipway --help`,
              },
            ]}
          />
          <p className="sw-faint">{t('start.hint')}</p>
        </div>
      </Panel>
    </div>
  )
}
