import { CodeOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMemo, useState } from 'react'
import { useText } from '@/base/text'
import { begin, redone, step, undone, type History } from '../canvas/history'
import type { Task } from '../queries'
import { SuggestionBar } from '../suggest/SuggestionBar'
import { useKeys } from '../work/keys'
import { text } from '../work/text'
import type { Session } from '../work/useSession'
import { startAnswers, type Answers } from './answers'
import { useDisplay } from './display'
import { DisplaySettings } from './DisplaySettings'
import { RecordLayout } from './RecordLayout'
import './records.css'

/** One record as its schema shows it: images at the left, the form at the right. */
export function RecordsConsole({ task, session }: { task: Task; session: Session }) {
  const t = useText(text)
  const { record, readOnly } = session
  const [display, setDisplay] = useDisplay()
  const [raw, setRaw] = useState(false)
  const document = record?.document ?? null
  const components = useMemo(() => document?.components ?? [], [document])
  const { answers, change, undo, redo } = useAnswers(session, components)
  useKeys({
    'Ctrl+z': undo,
    'Ctrl+Shift+z': redo,
    'Ctrl+y': redo,
  })
  if (record === null || document === null) return null
  return (
    <RecordLayout
      title={document.title}
      components={components}
      answers={answers}
      onChange={change}
      readOnly={readOnly || record.state === 'deleted'}
      display={display}
      filesUrl={document.files_url}
      beside={
        raw ? (
          <pre className="label-raw sw-mono" aria-label={t('raw')}>
            {JSON.stringify(document.fields, null, 2)}
          </pre>
        ) : null
      }
      above={
        <SuggestionBar task={task} session={session} components={components} answers={answers} />
      }
      tools={
        <span className="label-group">
          <Button
            size="small"
            type="text"
            icon={<CodeOutlined aria-hidden />}
            aria-pressed={raw}
            onClick={() => setRaw((on) => !on)}
          >
            {t(raw ? 'raw.hide' : 'raw.show')}
          </Button>
          <DisplaySettings display={display} onDisplay={setDisplay} />
        </span>
      }
    />
  )
}

/** The answers of the record; typing in one field is one step for undo. */
function useAnswers(
  session: Session,
  components: NonNullable<NonNullable<Session['record']>['document']>['components'],
) {
  const given = (session.value.answers ?? {}) as Answers
  const [history, setHistory] = useState<History<Answers>>(() =>
    begin(startAnswers(components, given)),
  )
  // Taken from the history, from another person, or from a newer revision.
  const [known, setKnown] = useState(session.value.answers)
  if (session.value.answers !== known) {
    setKnown(session.value.answers)
    if (session.value.answers !== history.now) {
      setHistory(step(history, startAnswers(components, given)))
    }
  }
  const put = (next: History<Answers>) => {
    setHistory(next)
    if (next !== history) session.setValue({ answers: next.now })
  }
  return {
    answers: history.now,
    change: (answers: Answers) => {
      if (!session.readOnly) put(step(history, answers))
    },
    undo: () => put(undone(history)),
    redo: () => put(redone(history)),
  }
}
