import { useQuery } from '@tanstack/react-query'
import { Button, Popover, Progress, Table } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { Dataset } from '@/features/datasets/queries'
import { parseAgain, schemaList, type DatasetSchema } from './queries'
import './schema.css'
import { text } from './text'

/** In the list of datasets: how the records of one fit its schema. */
export function ParseLink({ dataset }: { dataset: Dataset }) {
  const isRecords = dataset.kind === 'llm' || dataset.kind === 'mllm'
  return isRecords && dataset.latest_version !== null ? <Link datasetId={dataset.id} /> : null
}

function Link({ datasetId }: { datasetId: string }) {
  const t = useText(text)
  const { data } = useQuery(schemaList())
  const schema = data?.items.find((one) => one.dataset_id === datasetId)
  if (data === undefined) return null
  if (schema === undefined) return <small className="sw-faint">{t('none')}</small>
  return (
    <Popover
      trigger="click"
      title={t('progress.title')}
      content={
        <div className="schema-progress">
          <ParseState schema={schema} />
        </div>
      }
    >
      <Button type="link" size="small" className="schema-link">
        {schema.state === 'parsing' ? t('parsing', { percent: schema.percent }) : t('progress')}
      </Button>
    </Popover>
  )
}

/** How far the records have been parsed, and which do not fit. */
export function ParseState({ schema }: { schema: DatasetSchema }) {
  const t = useText(text)
  const say = useSentence()
  const again = useApiMutation(parseAgain, ['dataset'])
  const may = useMay()('label:task:update')
  const { state, percent, record_count: count, problem_count: wrong, problems } = schema
  return (
    <div className="sw-stack">
      {state === 'parsing' ? <Progress percent={percent} size="small" /> : null}
      <span className="sw-row">
        {state === 'parsed' ? (
          <>
            <span>{t('parsed', { count })}</span>
            {wrong > 0 ? (
              <span className="schema-wrong">{t('parsed.problems', { count: wrong })}</span>
            ) : null}
          </>
        ) : null}
        {state === 'failed' ? (
          <span className="schema-wrong">
            {t('parse.failed')}: {say(schema.reason ?? '')}
          </span>
        ) : null}
        {state === 'parsing' || !may ? null : (
          <Button size="small" onClick={() => again.mutate(schema.dataset_id)}>
            {t('parse.again')}
          </Button>
        )}
      </span>
      {problems.length === 0 ? null : (
        <Table
          size="small"
          rowKey={(one) => `${one.file} ${one.line}`}
          dataSource={problems}
          pagination={problems.length > 10 ? { pageSize: 10, size: 'small' } : false}
          columns={[
            { key: 'file', title: t('file'), dataIndex: 'file' },
            { key: 'line', title: t('line'), dataIndex: 'line', align: 'right' },
            { key: 'why', title: t('why'), render: (_, one) => say(one.message) },
          ]}
        />
      )}
    </div>
  )
}
