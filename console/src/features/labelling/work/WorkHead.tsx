import {
  ArrowLeftOutlined,
  CheckOutlined,
  DeleteOutlined,
  HistoryOutlined,
  LeftOutlined,
  QuestionCircleOutlined,
  RightOutlined,
  RollbackOutlined,
} from '@ant-design/icons'
import { Button, Input, InputNumber, Popover, Select, Tooltip } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { useConfirm } from '@/ui/Confirm'
import { StatusTag } from '@/ui/StatusTag'
import type { Shown, Task } from '../queries'
import { RecordTabs } from '../records/RecordTabs'
import { AnswersButton } from '../teams/AnswersButton'
import { HistoryDrawer } from './HistoryDrawer'
import { letGo } from './keys'
import { text } from './text'
import type { Session } from './useSession'

interface Props {
  task: Task
  session: Session
  reviewing: boolean
  shown: Shown
  onShown: (shown: Shown) => void
  onPrevious: () => void
  onNext: () => void
  onSubmit: () => void
  onHelp: () => void
}

const FILTERS: readonly Shown[] = ['all', 'labelled', 'unlabelled']
const REVIEWED: readonly Shown[] = ['to_review', 'approved', 'sent_back']

/** Where one is, how it is, and where one can go. */
export function WorkHead(props: Props) {
  const { task, session, reviewing, shown } = props
  const t = useText(text)
  const [history, setHistory] = useState(false)
  const { record, readOnly } = session
  const count = task.counts.records + task.counts.deleted
  const filters = [...FILTERS, ...(task.needs_review ? REVIEWED : [])]
  return (
    <header className="label-head">
      <Link to={`/labelling/${task.id}`} className="label-back">
        <ArrowLeftOutlined aria-hidden /> {task.name}
      </Link>
      <span className="label-group">
        <Button
          size="small"
          icon={<LeftOutlined aria-hidden />}
          aria-label={t('previous')}
          onClick={props.onPrevious}
        />
        <Tooltip title={t('jump')}>
          <InputNumber
            key={record?.index}
            size="small"
            controls={false}
            min={1}
            max={count}
            aria-label={t('jump')}
            defaultValue={record === null ? undefined : record.index + 1}
            onPressEnter={(event) => {
              // The event is handled around the field, not at it.
              const field = event.target as HTMLInputElement
              const at = Number(field.value) - 1
              if (at >= 0 && at < count) void session.go(at)
              field.blur()
            }}
          />
        </Tooltip>
        <span className="sw-soft sw-num">/ {count}</span>
        <Button
          size="small"
          icon={<RightOutlined aria-hidden />}
          aria-label={t('next')}
          onClick={props.onNext}
        />
      </span>
      {task.kind === 'records' ? (
        <RecordTabs task={task} shown={shown} onShown={props.onShown} />
      ) : (
        <Select<Shown>
          size="small"
          aria-label={t('shown')}
          value={shown}
          popupMatchSelectWidth={false}
          onChange={(next) => {
            props.onShown(next)
            letGo()
          }}
          options={filters.map((value) => ({ value, label: t(`shown.${value}`) }))}
        />
      )}
      {record === null ? null : <RecordState session={session} />}
      <span className="label-file sw-soft" title={record?.file}>
        {record?.file}
      </span>
      <Saved task={task} session={session} />
      <span className="label-group">
        {task.kind === 'records' && record !== null ? <DeleteButton session={session} /> : null}
        <AnswersButton task={task} session={session} />
        <Tooltip title={t('history')}>
          <Button
            size="small"
            type="text"
            icon={<HistoryOutlined aria-hidden />}
            aria-label={t('history')}
            disabled={record === null}
            onClick={() => setHistory(true)}
          />
        </Tooltip>
        <Tooltip title={`${t('shortcuts')} (?)`}>
          <Button
            size="small"
            type="text"
            icon={<QuestionCircleOutlined aria-hidden />}
            aria-label={t('shortcuts')}
            onClick={props.onHelp}
          />
        </Tooltip>
        {reviewing ? (
          <ReviewButtons session={session} />
        ) : (
          <Tooltip title={t(task.kind === 'records' ? 'submit.hintRecords' : 'submit.hint')}>
            <Button size="small" type="primary" disabled={record === null} onClick={props.onSubmit}>
              {t('submit')}
            </Button>
          </Tooltip>
        )}
      </span>
      {record === null ? null : (
        <HistoryDrawer
          task={task}
          record={record}
          open={history}
          onClose={() => setHistory(false)}
          onTake={
            readOnly
              ? null
              : (value) => {
                  session.setValue(value)
                  setHistory(false)
                }
          }
        />
      )}
    </header>
  )
}

const SAVED = {
  written: 'saved.file',
  writing: 'saved.writing',
  over: 'saved.writing',
  restoring: 'saved.writing',
  stopped: 'saved',
} as const

/** The state; a record without changes is marked by a click (LAB-09). */
function RecordState({ session }: { session: Session }) {
  const t = useText(text)
  const { record, readOnly } = session
  if (record === null) return null
  const { state } = record
  if (readOnly || (state !== 'labelled' && state !== 'unlabelled')) {
    return <StatusTag state={state} reason={record.comment} />
  }
  const other = state === 'labelled' ? 'unlabelled' : 'labelled'
  return (
    <Tooltip title={t('mark.hint')}>
      <button type="button" className="label-mark" onClick={() => void session.mark(other)}>
        <StatusTag state={state} />
      </button>
    </Tooltip>
  )
}

function Saved({ task, session }: { task: Task; session: Session }) {
  const t = useText(text)
  const kept = task.files === null ? 'saved' : SAVED[task.files.state]
  const { record, dirty, saving, problem } = session
  if (record === null) return <span className="label-saved" />
  const waiting = dirty && problem !== null
  return (
    <span
      className="label-saved sw-faint"
      role="status"
      title={waiting ? t('unsaved.hint') : undefined}
    >
      {saving ? t('saving') : dirty ? t('unsaved') : record.revision > 0 ? t(kept) : ''}
    </span>
  )
}

function ReviewButtons({ session }: { session: Session }) {
  const t = useText(text)
  const [open, setOpen] = useState(false)
  const [comment, setComment] = useState('')
  const { record, readOnly } = session
  const done = record?.state === 'labelled' || record?.state === 'approved'
  const off = readOnly || !done
  const send = async () => {
    if (comment.trim() === '') return
    // What is typed next is for the next record.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    if (await session.review(false, comment)) {
      setOpen(false)
      setComment('')
    }
  }
  return (
    <>
      <Popover
        open={open}
        trigger="click"
        placement="bottomRight"
        onOpenChange={(next) => setOpen(next && !off)}
        content={
          <div className="label-comment">
            <Input.TextArea
              autoFocus
              rows={3}
              maxLength={2000}
              value={comment}
              placeholder={t('sendBack.hint')}
              aria-label={t('sendBack.hint')}
              onChange={(event) => setComment(event.target.value)}
              onPressEnter={(event) => {
                if (event.ctrlKey) void send()
              }}
            />
            <Button
              type="primary"
              size="small"
              disabled={comment.trim() === ''}
              onClick={() => void send()}
            >
              {t('sendBack.send')}
            </Button>
          </div>
        }
      >
        <Button size="small" icon={<RollbackOutlined aria-hidden />} disabled={off}>
          {t('sendBack')}
        </Button>
      </Popover>
      <Tooltip title={`${t('approve')} (Y)`}>
        <Button
          size="small"
          type="primary"
          icon={<CheckOutlined aria-hidden />}
          disabled={off}
          onClick={() => void session.review(true, '')}
        >
          {t('approve')}
        </Button>
      </Tooltip>
    </>
  )
}

function DeleteButton({ session }: { session: Session }) {
  const t = useText(text)
  const confirm = useConfirm()
  const deleted = session.record?.state === 'deleted'
  const press = async () => {
    if (deleted) {
      await session.mark('unlabelled')
      return
    }
    const sure = await confirm({
      title: t('deleteRecord.title'),
      message: t('deleteRecord.message'),
      action: t('deleteRecord'),
      danger: true,
    })
    if (sure && (await session.mark('deleted'))) await session.goNext()
  }
  return (
    <Button
      size="small"
      danger={!deleted}
      icon={<DeleteOutlined aria-hidden />}
      disabled={session.readOnly}
      onClick={() => void press()}
    >
      {t(deleted ? 'restore' : 'deleteRecord')}
    </Button>
  )
}
