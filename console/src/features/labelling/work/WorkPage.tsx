import { useQuery } from '@tanstack/react-query'
import { Button, Result, Skeleton } from 'antd'
import { useEffect, useMemo, useState } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { useMay, useMe } from '@/api/session'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { DetectionConsole } from '../canvas/DetectionConsole'
import { OcrConsole } from '../ocr/OcrConsole'
import { oneTask, type Shown, type Task } from '../queries'
import { FilesNotice } from '../records/FilesNotice'
import { RecordsConsole } from '../records/RecordsConsole'
import '../labelling.css'
import { ClassifyConsole } from './ClassifyConsole'
import { useCommands } from './keymap'
import { useKeys } from './keys'
import { Notices } from './Notices'
import { Shortcuts } from './Shortcuts'
import { Strip } from './Strip'
import { text } from './text'
import { useNeighbours } from './useNeighbours'
import { useSession } from './useSession'
import { WorkHead } from './WorkHead'

/** `/labelling/:id/work?at=7&review=1`: where the labelling is done. */
export function WorkPage() {
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery(oneTask(id))
  if (data === undefined) {
    return error === null ? (
      <Skeleton active paragraph={{ rows: 10 }} />
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  return data.kind === 'classification' ? <ClassifyConsole task={data} /> : <Work task={data} />
}

function Work({ task }: { task: Task }) {
  const t = useText(text)
  const navigate = useNavigate()
  const [query, setQuery] = useSearchParams()
  const mayReview = useMayReview(task)
  const reviewing = mayReview && query.get('review') !== null
  const session = useSession(task, useMe().user.id, reviewing)
  const [shown, setShown] = useState<Shown>('all')
  const [help, setHelp] = useState(false)
  const { record, go, goNext } = session
  const asked = query.get('at')
  const neighbours = useNeighbours(task, shown, record?.index ?? null)
  const colours = useMemo(
    () => new Map(task.labels.map(({ name, colour }) => [name, colour])),
    [task.labels],
  )
  useEffect(() => {
    void (asked === null ? goNext() : go(Number(asked)))
    // Only where the page opens: afterwards the address follows the record.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [task.id])
  const index = record?.index
  useEffect(() => {
    if (index === undefined) return
    setQuery(
      (now) => {
        now.set('at', String(index))
        return now
      },
      { replace: true },
    )
  }, [index, setQuery])

  const previous = async () => {
    const found = await neighbours.previous()
    if (found !== null) await go(found)
  }
  const next = async () => {
    const found = await neighbours.next()
    if (found !== null) await go(found)
  }
  const submit = () => void session.submit()
  const isRecords = task.kind === 'records'
  const approve = () => void session.review(true, '')
  const save = () => void session.save()
  useKeys(
    {
      'Alt+ArrowLeft': () => void previous(),
      'Alt+ArrowRight': () => void next(),
      'Ctrl+Enter': submit,
      'Ctrl+s': save,
      '?': () => setHelp(true),
      ...(reviewing ? { y: approve } : {}),
    },
    isRecords,
  )
  useCommands(
    isRecords
      ? {}
      : {
          previous: () => void previous(),
          next: () => void next(),
          submit,
          save,
          help: () => setHelp(true),
          ...(reviewing ? { approve } : {}),
        },
  )
  return (
    <div className="label-work">
      <WorkHead
        task={task}
        session={session}
        reviewing={reviewing}
        shown={shown}
        onShown={setShown}
        onPrevious={() => void previous()}
        onNext={() => void next()}
        onSubmit={submit}
        onHelp={() => setHelp(true)}
      />
      <div className="label-notices">
        <Notices session={session} />
        <FilesNotice task={task} />
      </div>
      {session.finished ? (
        <Result
          status="success"
          title={t(reviewing ? 'finished.review' : 'finished')}
          subTitle={t(reviewing ? 'finished.reviewHint' : 'finished.hint')}
          extra={
            <Button type="primary" onClick={() => void navigate(`/labelling/${task.id}`)}>
              {t('finished.back')}
            </Button>
          }
        />
      ) : record === null ? (
        session.problem === null ? (
          <Skeleton active paragraph={{ rows: 10 }} />
        ) : (
          <ErrorState error={session.problem} onRetry={() => void goNext()} />
        )
      ) : isRecords ? (
        <RecordsConsole key={record.index} task={task} session={session} />
      ) : task.kind === 'ocr' ? (
        <OcrConsole task={task} session={session} />
      ) : (
        <DetectionConsole task={task} session={session} colours={colours} />
      )}
      {isRecords ? null : (
        <Strip task={task} shown={shown} at={record?.index ?? null} onGo={(at) => void go(at)} />
      )}
      <Shortcuts kind={task.kind} open={help} onClose={() => setHelp(false)} />
    </div>
  )
}

function useMayReview(task: Task): boolean {
  return useMay()('label:review:update') && task.needs_review
}
