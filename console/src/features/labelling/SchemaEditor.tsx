import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Input } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { TextAreaRef } from 'antd/es/input/TextArea'
import { problemWords } from '@/base/problem'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { checkSchema, draftSchema } from './queries'
import { startAnswers, type Answers } from './records/answers'
import { RecordForm } from './records/RecordForm'
import { text } from './text'

interface Props {
  id?: string
  value?: string
  onChange?: (value: string) => void
  datasetId: string
}

const WAIT_MS = 350
const DISPLAY = { markdown: false, fontSize: 14 }

/** The schema at the left; at the right what it makes of a record, beside the record itself. */
export function SchemaEditor({ id, value = '', onChange, datasetId }: Props) {
  const t = useText(text)
  const say = useSentence()
  const [index, setIndex] = useState(0)
  const [problem, setProblem] = useState<string | null>(null)
  const area = useRef<TextAreaRef>(null)
  const written = useDelayed(value, WAIT_MS)
  const check = useQuery({
    queryKey: ['label-schema', datasetId, index, written],
    queryFn: () => checkSchema({ text: written, dataset_id: datasetId, index }),
    enabled: datasetId !== '' && written.trim() !== '',
    placeholderData: (before) => before,
    retry: false,
  })
  const draft = async () => {
    try {
      onChange?.((await draftSchema(datasetId)).text)
      setProblem(null)
    } catch (error) {
      setProblem(problemWords(error).message)
    }
  }
  const goTo = (line: number, column: number) => {
    const element = area.current?.resizableTextArea?.textArea
    if (element === undefined || line === 0) return
    const before = value.split('\n').slice(0, line - 1)
    const at = before.reduce((sum, row) => sum + row.length + 1, 0) + column - 1
    element.focus()
    element.setSelectionRange(at, at)
  }
  const found = written.trim() === '' ? undefined : check.data
  const document = found?.document ?? null
  return (
    <div className="label-schema">
      <div className="label-code">
        <div className="label-bar">
          <Button size="small" disabled={datasetId === ''} onClick={() => void draft()}>
            {t('schema.draft')}
          </Button>
        </div>
        <Input.TextArea
          id={id}
          ref={area}
          rows={24}
          spellCheck={false}
          aria-label={t('schema')}
          value={value}
          status={found?.message ? 'error' : undefined}
          onChange={(event) => onChange?.(event.target.value)}
        />
        {problem === null ? null : <Alert type="error" title={problem} />}
        {found?.message ? (
          <Alert
            type="error"
            role="alert"
            title={
              found.line > 0 ? t('schema.place', { line: found.line, column: found.column }) : null
            }
            description={say(found.message)}
            action={
              found.line > 0 ? (
                <Button size="small" onClick={() => goTo(found.line, found.column)}>
                  →
                </Button>
              ) : null
            }
          />
        ) : null}
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
          {check.error !== null ? (
            <Alert type="error" title={problemWords(check.error).message} />
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

/** Can be tried, and keeps nothing. */
function Preview({
  document,
}: {
  document: NonNullable<NonNullable<Awaited<ReturnType<typeof checkSchema>>>['document']>
}) {
  const [answers, setAnswers] = useState<Answers>(() => startAnswers(document.components, {}))
  return (
    <RecordForm
      components={document.components}
      answers={answers}
      onChange={setAnswers}
      readOnly={false}
      display={DISPLAY}
      filesUrl={document.files_url}
    />
  )
}

function useDelayed(value: string, wait: number): string {
  const [delayed, setDelayed] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), wait)
    return () => clearTimeout(timer)
  }, [value, wait])
  return delayed
}
