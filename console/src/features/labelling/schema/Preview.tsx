import { useState } from 'react'
import type { SchemaCheck } from '../queries'
import { startAnswers, type Answers } from '../records/answers'
import { RecordLayout } from '../records/RecordLayout'

const DISPLAY = { markdown: false, fontSize: 14 }

/** The console of a record, to be tried; it keeps nothing. */
export function Preview({ document }: { document: NonNullable<SchemaCheck['document']> }) {
  const [answers, setAnswers] = useState<Answers>(() => startAnswers(document.components, {}))
  return (
    <RecordLayout
      components={document.components}
      answers={answers}
      onChange={setAnswers}
      readOnly={false}
      display={DISPLAY}
      filesUrl={document.files_url}
      title={document.title}
    />
  )
}
