import { TeamOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Tooltip } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { useNotify } from '@/ui/notify'
import { TimeText } from '@/ui/TimeText'
import type { LabelRecord, Task } from '../queries'
import type { Session } from '../work/useSession'
import { recordAnswers, setGold, type PersonAnswer } from './queries'
import './teams.css'
import { text } from './text'

/** For who reviews: what each person said, and whether the record is a control question. */
export function AnswersButton({ task, session }: { task: Task; session: Session }) {
  const t = useText(text)
  const [open, setOpen] = useState(false)
  const may = useMay()('label:review:update')
  const { record } = session
  if (!may || record === null) return null
  return (
    <>
      <Tooltip title={t('answers')}>
        <Button
          size="small"
          type="text"
          icon={<TeamOutlined aria-hidden />}
          aria-label={t('answers')}
          onClick={() => setOpen(true)}
        />
      </Tooltip>
      <Drawer open={open} onClose={() => setOpen(false)} title={t('answers')} size={420}>
        {open ? (
          <Answers
            task={task}
            record={record}
            onTake={
              session.readOnly
                ? null
                : (value) => {
                    session.setValue(value)
                    setOpen(false)
                  }
            }
          />
        ) : null}
      </Drawer>
    </>
  )
}

interface Props {
  task: Task
  record: LabelRecord
  onTake: ((value: LabelRecord['value']) => void) | null
}

function Answers({ task, record, onTake }: Props) {
  const t = useText(text)
  const notify = useNotify()
  const { data, error, refetch } = useQuery(recordAnswers(task.id, record.index, record.revision))
  const gold = useApiMutation(
    (known: boolean) => setGold(task.id, record.index, known),
    ['label-task', 'label-record'],
  )
  const isGold = data?.gold ?? false
  const isDone = record.state === 'labelled' || record.state === 'approved'
  const toggle = async () => {
    try {
      await gold.mutateAsync(!isGold)
      notify.success(t(isGold ? 'gold.undone' : 'gold.done'))
    } catch (failed) {
      notify.problem(failed)
    }
  }
  return (
    <div className="sw-stack">
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 ? <p className="sw-faint">{t('answers.none')}</p> : null}
      {(data?.items ?? []).map((one) => (
        <Answer key={one.user_id} answer={one} onTake={onTake} />
      ))}
      {isDone || isGold ? (
        <div className="team-gold">
          <Button size="small" onClick={() => void toggle()} disabled={data === undefined}>
            {t(isGold ? 'gold.unset' : 'gold.set')}
          </Button>
          <small className="sw-faint">{t('gold.set.hint')}</small>
        </div>
      ) : null}
    </div>
  )
}

function Answer({ answer, onTake }: { answer: PersonAnswer; onTake: Props['onTake'] }) {
  const t = useText(text)
  return (
    <section className="team-answer" aria-label={answer.user_name}>
      <header>
        <strong>{answer.user_name}</strong>
        <small className="sw-faint">
          <TimeText value={answer.at} />
          {answer.score === null
            ? null
            : ` · ${t('answers.score', { percent: Math.round(100 * answer.score) })}`}
        </small>
        {onTake === null ? null : (
          <Button size="small" onClick={() => onTake(answer.value)}>
            {t('answers.take')}
          </Button>
        )}
      </header>
      <dl>
        {said(answer.value).map(([key, words]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** What a value says, in short. */
function said(value: PersonAnswer['value']): [string, string][] {
  if (Array.isArray(value.labels)) return [['', value.labels.join(', ')]]
  if (Array.isArray(value.boxes)) {
    const counts = new Map<string, number>()
    for (const { label } of value.boxes as { label: string }[]) {
      counts.set(label, (counts.get(label) ?? 0) + 1)
    }
    return [...counts].map(([label, count]) => [label, String(count)])
  }
  return Object.entries((value.answers ?? {}) as Record<string, unknown>).map(([key, one]) => [
    key,
    typeof one === 'string' ? one : JSON.stringify(one),
  ])
}
