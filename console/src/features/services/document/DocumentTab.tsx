import { useQuery } from '@tanstack/react-query'
import { Alert, Segmented, Skeleton } from 'antd'
import type { Schema } from '@/api/types'
import { useText, type KeyOf } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Facts } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { Panel } from '@/ui/Page'
import { Sentence } from '@/ui/Sentence'
import { apiDocument } from '../queries'
import { useAddressPart } from '../versionChoice'
import { documentText } from './text'

type Document = Schema<'ApiDocumentView'>
type Function = Schema<'ApiFunctionView'>
type Words = KeyOf<typeof documentText>

/** How the service is called as a model, from the same rules that the gateway holds calls to. */
export function DocumentTab({ service }: { service: string }) {
  const { data, error, refetch } = useQuery(apiDocument(service))
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 8 }} />
  return <Whole document={data} />
}

function Whole({ document }: { document: Document }) {
  const t = useText(documentText)
  const [chosen, choose] = useAddressPart('function')
  const { functions } = document
  const one = functions.find((offered) => offered.function === chosen) ?? functions[0]
  if (one === undefined) return null
  return (
    <div className="sw-stack">
      {functions.length > 1 ? (
        <Segmented
          aria-label={t('function')}
          value={one.function}
          options={functions.map((offered) => ({
            value: offered.function,
            label: t(`function.${offered.function}` as Words),
          }))}
          onChange={choose}
        />
      ) : null}
      <Address document={document} of={one} />
      <Parameters document={document} of={one} />
      <Answer of={one} />
      <Errors document={document} />
    </div>
  )
}

function Address({ document, of }: { document: Document; of: Function }) {
  const t = useText(documentText)
  const { base_url, model, aliases } = document
  return (
    <div className="services-call">
      <Panel title={t('address')}>
        <Facts
          columns={1}
          items={[
            { key: 'url', label: of.method, value: <IdText value={of.url} /> },
            { key: 'base', label: t('baseUrl'), value: <IdText value={base_url} /> },
            {
              key: 'model',
              label: t('model'),
              value: model === '' ? null : <IdText value={model} />,
            },
            ...(aliases.length === 0
              ? []
              : [{ key: 'aliases', label: t('aliases'), value: aliases.join(', ') }]),
            ...document.headers.map(({ name, value, description }) => ({
              key: name,
              label: name,
              value: (
                <span className="sw-name">
                  <code>{value}</code>
                  <small>
                    <Sentence of={description} />
                  </small>
                </span>
              ),
            })),
          ]}
        />
      </Panel>
      <Panel title={t('samples')}>
        <CodeBlock
          samples={of.samples.map(({ title, text }) => ({ language: title, code: text }))}
        />
      </Panel>
    </div>
  )
}

function Parameters({ document, of }: { document: Document; of: Function }) {
  const t = useText(documentText)
  return (
    <Panel title={t('parameters')} flush>
      <Alert
        banner
        type={document.checked ? 'info' : 'warning'}
        title={
          <>
            {t(document.checked ? 'checked' : 'unchecked')}{' '}
            {of.notes.map((note) => t(`note.${note}` as Words)).join(' ')}
          </>
        }
      />
      <DataTable
        label={t('parameters')}
        rows={of.parameters}
        rowKey={({ name }) => name}
        columns={[
          {
            key: 'name',
            title: t('parameter'),
            render: ({ name, required }) => (
              <span className="sw-name">
                <code>{name}</code>
                {required ? <small>{t('required')}</small> : null}
              </span>
            ),
          },
          { key: 'type', title: t('type'), render: ({ type }) => type },
          { key: 'range', title: t('range'), render: ({ range }) => range },
          {
            key: 'default',
            title: t('default'),
            render: (one) =>
              one.default === null ? null : <code>{JSON.stringify(one.default)}</code>,
          },
          {
            key: 'description',
            title: t('description'),
            render: ({ description }) => <Sentence of={description} />,
          },
        ]}
      />
    </Panel>
  )
}

function Answer({ of }: { of: Function }) {
  const t = useText(documentText)
  return (
    <Panel title={t('response')} flush>
      <DataTable
        label={t('response')}
        rows={of.response}
        rowKey={({ name }) => name}
        columns={[
          { key: 'name', title: t('field'), render: ({ name }) => <code>{name}</code> },
          { key: 'type', title: t('type'), render: ({ type }) => type },
          {
            key: 'description',
            title: t('description'),
            render: ({ description }) => <Sentence of={description} />,
          },
        ]}
      />
    </Panel>
  )
}

function Errors({ document }: { document: Document }) {
  const t = useText(documentText)
  return (
    <Panel title={t('errors')} flush>
      <DataTable
        label={t('errors')}
        rows={document.errors}
        rowKey={({ code }) => code}
        columns={[
          { key: 'status', title: t('status'), width: 90, render: ({ status }) => status },
          { key: 'code', title: t('code'), width: 110, render: ({ code }) => <code>{code}</code> },
          { key: 'type', title: t('type'), render: ({ type }) => <code>{type}</code> },
          {
            key: 'description',
            title: t('description'),
            render: ({ description }) => <Sentence of={description} />,
          },
        ]}
      />
    </Panel>
  )
}
