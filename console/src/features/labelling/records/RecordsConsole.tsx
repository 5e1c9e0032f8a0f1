import { Button, Checkbox, Slider } from 'antd'
import { useMemo, useState } from 'react'
import { useText } from '@/base/text'
import { begin, redone, step, undone, type History } from '../canvas/history'
import type { Task } from '../queries'
import { useKeys } from '../work/keys'
import { text } from '../work/text'
import type { Session } from '../work/useSession'
import { startAnswers, type Answers } from './answers'
import { useDisplay } from './display'
import { asTexts } from './FieldBody'
import { ImagesView } from './Images'
import { RecordForm } from './RecordForm'

/** One record as its schema shows it: images at the left, the form at the right. */
export function RecordsConsole({ session }: { task: Task; session: Session }) {
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
  const images = components
    .filter(({ type }) => type === 'ImageViewer' || type === 'ImageListViewer')
    .flatMap((component) => asTexts(component.value))
  const split = images.length > 0 || raw
  return (
    <div className="label-records" data-split={split || undefined}>
      {split ? (
        <aside className="label-left">
          {images.length > 0 ? <ImagesView paths={images} filesUrl={document.files_url} /> : null}
          {raw ? (
            <pre className="label-raw sw-mono" aria-label={t('raw')}>
              {JSON.stringify(document.fields, null, 2)}
            </pre>
          ) : null}
        </aside>
      ) : null}
      <div
        className="label-form"
        style={{ '--label-font': `${display.fontSize}px` } as React.CSSProperties}
      >
        <div className="label-bar">
          <h1>{document.title}</h1>
          <Button size="small" type="text" onClick={() => setRaw((on) => !on)}>
            {t(raw ? 'raw.hide' : 'raw.show')}
          </Button>
          <Checkbox
            checked={display.markdown}
            onChange={(event) => setDisplay({ ...display, markdown: event.target.checked })}
          >
            {t('markdown')}
          </Checkbox>
          <Slider
            className="label-size"
            min={11}
            max={24}
            value={display.fontSize}
            ariaLabelForHandle={t('fontSize')}
            onChange={(fontSize) => setDisplay({ ...display, fontSize })}
          />
        </div>
        <RecordForm
          components={components}
          answers={answers}
          onChange={change}
          readOnly={readOnly}
          display={display}
          filesUrl={document.files_url}
          withoutImages
        />
      </div>
    </div>
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
