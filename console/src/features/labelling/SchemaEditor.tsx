import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { draftSchema } from './queries'
import { Preview } from './schema/Preview'
import { useSchemaCheck } from './schema/useSchemaCheck'
import { YamlEditor } from './schema/YamlEditor'
import { text } from './text'

interface Props {
  id?: string
  value?: string
  onChange?: (value: string) => void
  datasetId: string
}

/** The schema at the left; at the right what it makes of a record, beside the record itself. */
export function SchemaEditor({ id, value = '', onChange, datasetId }: Props) {
  const t = useText(text)
  const [index, setIndex] = useState(0)
  const [problem, setProblem] = useState<string | null>(null)
  const { found, error, written } = useSchemaCheck(datasetId, value, index)
  const draft = async () => {
    try {
      onChange?.((await draftSchema(datasetId)).text)
      setProblem(null)
    } catch (failed) {
      setProblem(problemWords(failed).message)
    }
  }
  const document = found?.document ?? null
  return (
    <div className="label-schema">
      <div className="label-code">
        <div className="label-bar">
          <Button size="small" disabled={datasetId === ''} onClick={() => void draft()}>
            {t('schema.draft')}
          </Button>
        </div>
        <YamlEditor id={id} value={value} onChange={onChange} found={found} />
        {problem === null ? null : <Alert type="error" title={problem} />}
      </div>
      <div>
        <div className="label-bar">
          <strong>{t('schema.preview')}</strong>
          <span className="label-group">
            <Button
              size="small"
              type="text"
              icon={<LeftOutlined aria-hidden />}
              aria-label={t('schema.previous')}
              disabled={index === 0}
              onClick={() => setIndex(index - 1)}
            />
            {t('schema.record', { number: index + 1 })}
            <Button
              size="small"
              type="text"
              icon={<RightOutlined aria-hidden />}
              aria-label={t('schema.next')}
              onClick={() => setIndex(index + 1)}
            />
          </span>
        </div>
        <div className="label-preview">
          {error !== null ? (
            <Alert type="error" title={problemWords(error).message} />
          ) : document === null ? (
            <span className="sw-faint">{t('schema.empty')}</span>
          ) : (
            <>
              <pre className="sw-mono" aria-label={t('schema.raw')}>
                {JSON.stringify(document.fields, null, 2)}
              </pre>
              <Preview key={`${index} ${written}`} document={document} />
            </>
          )}
        </div>
      </div>
    </div>
  )
}
