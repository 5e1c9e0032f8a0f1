import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Skeleton, Steps } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { oneDataset, type Dataset } from '@/features/datasets/queries'
import { useConfirm } from '@/ui/Confirm'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { Page } from '@/ui/Page'
import '../labelling.css'
import { draftSchema } from '../queries'
import { ParseState } from './ParseState'
import { Preview } from './Preview'
import { oneSchema, saveSchema, schemaDraft, type DatasetSchema } from './queries'
import { RawRecords } from './RawRecords'
import './schema.css'
import { text } from './text'
import { useSchemaCheck } from './useSchemaCheck'
import { YamlEditor } from './YamlEditor'

/** `/datasets/:id/schema`: write the schema beside the data, try it, save it. */
export function SchemaPage() {
  const t = useText(text)
  const { id = '' } = useParams()
  const dataset = useQuery(oneDataset(id))
  const schema = useQuery(oneSchema(id))
  const draft = useQuery({ ...schemaDraft(id), enabled: schema.data === null })
  const error = dataset.error ?? schema.error ?? draft.error
  const start = schema.data?.text ?? draft.data?.text
  if (dataset.data !== undefined && schema.data !== undefined && start !== undefined) {
    return <Editing dataset={dataset.data} schema={schema.data} start={start} />
  }
  return (
    <Page title={id} back={{ to: '/datasets', label: t('datasets') }}>
      {error === null ? (
        <Skeleton active paragraph={{ rows: 10 }} />
      ) : (
        <ErrorState error={error} onRetry={() => void schema.refetch()} />
      )}
    </Page>
  )
}

interface Props {
  dataset: Dataset
  schema: DatasetSchema | null
  /** The text to begin with. */
  start: string
}

function Editing({ dataset, schema, start }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const confirm = useConfirm()
  const navigate = useNavigate()
  const may = useMay()('label:task:update')
  const [step, setStep] = useState(0)
  const [index, setIndex] = useState(0)
  const [value, setValue] = useState(start)
  const check = useSchemaCheck(dataset.id, value, index)
  const save = useApiMutation(saveSchema, ['dataset', 'label-task', 'label-record'])
  const draft = async () => {
    try {
      setValue((await draftSchema(dataset.id)).text)
    } catch (error) {
      notify.problem(error)
    }
  }
  const replace = async () => {
    const sure =
      value.trim() === '' ||
      (await confirm({
        title: t('draft.title'),
        message: t('draft.message'),
        action: t('draft'),
      }))
    if (sure) await draft()
  }
  const keep = async () => {
    try {
      await save.mutateAsync({ datasetId: dataset.id, text: value })
      notify.success(t('saved'))
      await navigate('/datasets')
    } catch (error) {
      notify.problem(error)
    }
  }
  const document = check.found?.document ?? null
  const wrong = !check.fresh || document === null
  return (
    <Page
      title={t('title', { name: dataset.name })}
      description={t('lead')}
      back={{ to: '/datasets', label: t('datasets') }}
      actions={
        <span className="sw-row">
          {step === 0 ? (
            <Button onClick={() => void replace()}>{t('draft')}</Button>
          ) : (
            <Button onClick={() => setStep(0)}>{t('previous')}</Button>
          )}
          {step === 0 ? (
            <Button type="primary" disabled={wrong} onClick={() => setStep(1)}>
              {t('next')}
            </Button>
          ) : (
            <Button
              type="primary"
              disabled={wrong || !may}
              title={may ? undefined : t('mayNotWrite')}
              loading={save.isPending}
              onClick={() => void keep()}
            >
              {t('save')}
            </Button>
          )}
        </span>
      }
    >
      <Steps
        size="small"
        className="schema-steps"
        current={step}
        items={[{ title: t('step.schema') }, { title: t('step.preview') }]}
      />
      {schema !== null && (schema.problem_count > 0 || schema.state !== 'parsed') ? (
        <ParseState schema={schema} />
      ) : null}
      {step === 0 ? (
        <div className="schema-page">
          <RawRecords datasetId={dataset.id} version={dataset.latest_version ?? 1} />
          <section aria-label={t('yaml')}>
            <header className="schema-bar">
              <h2>{t('yaml')}</h2>
              {wrong ? null : <span className="sw-soft">{t('good')}</span>}
            </header>
            <YamlEditor value={value} onChange={setValue} found={check.found} rows={27} />
          </section>
        </div>
      ) : (
        <section className="schema-preview">
          <header className="schema-bar">
            <span className="sw-soft">{t('preview.hint')}</span>
            <span className="label-group">
              <Button
                size="small"
                type="text"
                icon={<LeftOutlined aria-hidden />}
                aria-label={t('preview.previous')}
                disabled={index === 0}
                onClick={() => setIndex(index - 1)}
              />
              {t('preview.record', { number: index + 1 })}
              <Button
                size="small"
                type="text"
                icon={<RightOutlined aria-hidden />}
                aria-label={t('preview.next')}
                disabled={index + 1 >= dataset.sample_count}
                onClick={() => setIndex(index + 1)}
              />
            </span>
          </header>
          {check.error !== null ? (
            <Alert type="error" title={problemWords(check.error).message} />
          ) : check.found?.message ? (
            <YamlEditor value={value} found={check.found} />
          ) : document === null ? (
            <Skeleton active />
          ) : (
            <Preview key={`${index} ${check.fresh}`} document={document} />
          )}
        </section>
      )}
    </Page>
  )
}
