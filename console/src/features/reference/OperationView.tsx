import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { Markdown } from '@/ui/Markdown'
import { Panel } from '@/ui/Page'
import { Method } from './Method'
import { SchemaTable } from './SchemaTable'
import { typeWords, type Operation, type Spec } from './spec'
import { text } from './text'
import { TryIt } from './TryIt'

/** One call: what it does, takes and gives, and a place to try it. */
export function OperationView({ spec, operation }: { spec: Spec; operation: Operation }) {
  const t = useText(text)
  const { method, path, summary, description, parameters, body, responses } = operation
  return (
    <article className="sw-stack reference-call">
      <Panel
        title={
          <span className="reference-title">
            <Method method={method} />
            <code>{path}</code>
          </span>
        }
      >
        <Markdown>{description === '' ? summary : description}</Markdown>
      </Panel>
      {parameters.length === 0 ? null : (
        <Panel title={t('parameters')} flush>
          <DataTable
            label={t('parameters')}
            rows={parameters}
            rowKey={({ name, in: where }) => where + name}
            columns={[
              {
                key: 'name',
                title: t('name'),
                render: ({ name, required }) => (
                  <>
                    <code>{name}</code>
                    {required === true ? <em className="reference-required">*</em> : null}
                  </>
                ),
              },
              { key: 'in', title: t('where'), render: ({ in: where }) => where },
              {
                key: 'type',
                title: t('type'),
                render: ({ schema }) => <code>{typeWords(schema ?? {}, spec)}</code>,
              },
              { key: 'what', title: t('what'), render: (one) => one.description ?? '' },
            ]}
          />
        </Panel>
      )}
      {body === null ? null : (
        <Panel title={`${t('body')} · ${body.type}`} flush>
          <SchemaTable schema={body.schema} spec={spec} label={t('body')} />
        </Panel>
      )}
      <TryIt spec={spec} operation={operation} />
      {responses.map(({ status, description: words, schema }) => (
        <Panel key={status} title={`${status} · ${words}`} flush={schema !== null}>
          {schema === null ? (
            <span className="sw-faint">{t('noBody')}</span>
          ) : (
            <SchemaTable schema={schema} spec={spec} label={status} />
          )}
        </Panel>
      ))}
    </article>
  )
}
