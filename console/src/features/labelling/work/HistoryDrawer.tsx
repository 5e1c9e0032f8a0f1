import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Timeline } from 'antd'
import { useText, type KeyOf } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { TimeText } from '@/ui/TimeText'
import { recordHistory, type HistoryEntry, type LabelRecord, type Task } from '../queries'
import { text } from './text'
import { Duration } from '@/ui/Quantity'

interface Props {
  task: Task
  record: LabelRecord
  open: boolean
  onClose: () => void
  /** Brings back the labels of then; null where the record cannot be changed. */
  onTake: ((value: LabelRecord['value']) => void) | null
}

/** Who did what to the record, and when; the labels of then can be taken again. */
export function HistoryDrawer({ task, record, open, onClose, onTake }: Props) {
  const t = useText(text)
  const { data, error, refetch } = useQuery({
    ...recordHistory(task.id, record.index, record.revision),
    enabled: open,
  })
  const entries = data?.items ?? []
  return (
    <Drawer open={open} onClose={onClose} title={t('history')} size={380}>
      {error === null ? null : <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && entries.length === 0 ? (
        <p className="sw-faint">{t('history.none')}</p>
      ) : null}
      <Timeline
        items={entries.map((entry, at) => ({
          key: at,
          content: <Entry entry={entry} onTake={at === 0 ? null : onTake} />,
        }))}
      />
    </Drawer>
  )
}

function Entry({ entry, onTake }: { entry: HistoryEntry; onTake: Props['onTake'] }) {
  const t = useText(text)
  const { value } = entry
  return (
    <div className="label-entry">
      <div>
        <strong>{entry.user_name}</strong> · {t(`action.${entry.action}` as KeyOf<typeof text>)}
        {Array.isArray(value?.boxes) ? (
          <span className="sw-faint"> · {t('shapes.count', { count: value.boxes.length })}</span>
        ) : null}
        {Array.isArray(value?.labels) ? (
          <span className="sw-faint"> · {value.labels.join(', ')}</span>
        ) : null}
      </div>
      <small className="sw-faint">
        <TimeText value={entry.at} />
        {entry.time_s > 0 ? (
          <>
            {' · '}
            <Duration seconds={entry.time_s} />
          </>
        ) : null}
      </small>
      {entry.comment ? <p>{entry.comment}</p> : null}
      {onTake !== null && value !== null ? (
        <Button size="small" onClick={() => onTake(value)}>
          {t('history.take')}
        </Button>
      ) : null}
    </div>
  )
}
