import { ArrowLeftOutlined, LockOutlined, QuestionCircleOutlined } from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Select, Skeleton, Slider, Tooltip } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { oneKey } from '@/api/queries'
import { useMay } from '@/api/session'
import { recordPage, reviewRecord, saveRecord, type Brief, type Shown, type Task } from '../queries'
import { useCommands } from './keymap'
import { letGo } from './keys'
import { LabelPanel } from './LabelPanel'
import { Shortcuts } from './Shortcuts'
import { text } from './text'

const PAGE = 60

/** Many small images at once: select some, press a number, and they are classified. */
export function ClassifyConsole({ task }: { task: Task }) {
  const t = useText(text)
  const client = useQueryClient()
  const mayReview = useMay()('label:review:update') && task.needs_review
  const [shown, setShown] = useState<Shown>('all')
  const [trail, setTrail] = useState<readonly number[]>([-1])
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  /** Where a range begins, and where the keyboard is. */
  const [anchor, setAnchor] = useState<number | null>(null)
  const [cursor, setCursor] = useState<number | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [side, setSide] = useState(150)
  const [help, setHelp] = useState(false)
  const page = recordPage(task.id, shown, trail.at(-1) ?? -1, PAGE)
  const { data, error, refetch } = useQuery(page)
  const items = data?.items ?? []
  const selected = items.filter(({ index }) => chosen.has(index))

  const pick = (brief: Brief, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) => {
    setCursor(brief.index)
    if (event.shiftKey && anchor !== null) {
      const [from, to] = [anchor, brief.index].sort((a, b) => a - b) as [number, number]
      setChosen(new Set(items.map(({ index }) => index).filter((i) => i >= from && i <= to)))
      return
    }
    const next = new Set(event.ctrlKey || event.metaKey ? chosen : [])
    if (chosen.has(brief.index) && (event.ctrlKey || event.metaKey || chosen.size === 1)) {
      next.delete(brief.index)
    } else next.add(brief.index)
    setChosen(next)
    setAnchor(brief.index)
  }
  /** Each record by itself: what another has open is left out and said. */
  const forEach = async (write: (brief: Brief) => Promise<unknown>) => {
    if (selected.length === 0 || busy) return
    setBusy(true)
    setFailure(null)
    const results = await Promise.allSettled(selected.map(write))
    const failed = results.filter((result) => result.status === 'rejected')
    if (failed.length > 0) {
      const why = problemWords(failed[0]?.reason).message
      setFailure(t('grid.failed', { count: failed.length, why }))
    }
    setBusy(false)
    await Promise.all([
      client.invalidateQueries({ queryKey: oneKey('label-record', task.id) }),
      client.invalidateQueries({ queryKey: oneKey('label-task', task.id) }),
    ])
  }
  const assign = (label: string) => {
    const all = selected.every(({ labels }) => labels.includes(label))
    void forEach((brief) =>
      saveRecord(task.id, brief.index, {
        revision: brief.revision,
        value: { labels: labelsAfter(task, brief, label, all) },
        state: 'labelled',
        time_s: 0,
        release: true,
      }),
    )
  }
  const clear = () =>
    void forEach((brief) =>
      saveRecord(task.id, brief.index, {
        revision: brief.revision,
        value: { labels: [] },
        state: 'unlabelled',
        time_s: 0,
        release: true,
      }),
    )
  const approve = () =>
    void forEach((brief) =>
      reviewRecord(task.id, brief.index, { approve: true, comment: '', revision: brief.revision }),
    )
  const turn = (by: 1 | -1) => {
    const after = data?.next_after
    if (by === 1 && after != null) setTrail([...trail, after])
    if (by === -1 && trail.length > 1) setTrail(trail.slice(0, -1))
    setChosen(new Set())
    setAnchor(null)
    setCursor(null)
  }
  /** One image further; over the edge of the page to the next one. */
  const step = (by: 1 | -1) => {
    const at = items.findIndex(({ index }) => index === (cursor ?? selected[0]?.index))
    const next = items[at === -1 ? (by === 1 ? 0 : items.length - 1) : at + by]
    if (next === undefined) turn(by)
    else {
      setChosen(new Set([next.index]))
      setAnchor(next.index)
      setCursor(next.index)
    }
  }
  useCommands({
    all: () => setChosen(new Set(items.map(({ index }) => index))),
    cancel: () => setChosen(new Set()),
    clear,
    next: () => step(1),
    previous: () => step(-1),
    laterPage: () => turn(1),
    earlierPage: () => turn(-1),
    help: () => setHelp(true),
    ...(mayReview ? { approve } : {}),
  })
  const filters: readonly Shown[] = task.needs_review
    ? ['all', 'labelled', 'unlabelled', 'to_review', 'approved', 'sent_back']
    : ['all', 'labelled', 'unlabelled']
  return (
    <div className="label-work">
      <header className="label-head">
        <Link to={`/labelling/${task.id}`} className="label-back">
          <ArrowLeftOutlined aria-hidden /> {task.name}
        </Link>
        <Select<Shown>
          size="small"
          aria-label={t('shown')}
          value={shown}
          popupMatchSelectWidth={false}
          onChange={(next) => {
            setShown(next)
            setTrail([-1])
            setChosen(new Set())
            letGo()
          }}
          options={filters.map((value) => ({ value, label: t(`shown.${value}`) }))}
        />
        <span className="label-file sw-soft" role="status">
          {selected.length > 0 ? t('grid.selected', { count: selected.length }) : t('grid.hint')}
        </span>
        <span className="label-group">
          <Slider
            className="label-size"
            min={90}
            max={320}
            value={side}
            ariaLabelForHandle={t('grid.size')}
            onChange={setSide}
          />
          <Button size="small" disabled={trail.length < 2} onClick={() => turn(-1)}>
            {t('previous')}
          </Button>
          <Button size="small" disabled={data?.next_after == null} onClick={() => turn(1)}>
            {t('next')}
          </Button>
          <Button size="small" disabled={selected.length === 0} loading={busy} onClick={clear}>
            {t('grid.clear')}
          </Button>
          {mayReview ? (
            <Button size="small" type="primary" disabled={selected.length === 0} onClick={approve}>
              {t('approve')}
            </Button>
          ) : null}
          <Tooltip title={`${t('shortcuts')} (?)`}>
            <Button
              size="small"
              type="text"
              icon={<QuestionCircleOutlined aria-hidden />}
              aria-label={t('shortcuts')}
              onClick={() => setHelp(true)}
            />
          </Tooltip>
        </span>
      </header>
      {failure === null ? null : (
        <Alert banner closable type="error" role="alert" title={failure} />
      )}
      <div className="label-sorting">
        <div className="label-grid" style={{ '--label-side': `${side}px` } as React.CSSProperties}>
          {error !== null ? (
            <ErrorState error={error} onRetry={() => void refetch()} />
          ) : data === undefined ? (
            <Skeleton active />
          ) : items.length === 0 ? (
            <EmptyState title={t('grid.empty')} />
          ) : (
            items.map((brief) => (
              <Tile
                key={brief.index}
                task={task}
                brief={brief}
                chosen={chosen.has(brief.index)}
                current={brief.index === cursor}
                onPick={pick}
              />
            ))
          )}
        </div>
        <aside className="label-side">
          <LabelPanel
            task={task}
            active={task.labels
              .map(({ name }) => name)
              .filter(
                (name) => selected.length > 0 && selected.every((b) => b.labels.includes(name)),
              )}
            onChoose={assign}
            disabled={selected.length === 0 || busy}
          />
        </aside>
      </div>
      <Shortcuts kind={task.kind} open={help} onClose={() => setHelp(false)} />
    </div>
  )
}

/** With one folder per class the label is replaced, else it is added, or taken away where all have it. */
function labelsAfter(task: Task, brief: Brief, label: string, allHave: boolean): string[] {
  if (task.label_format === 'folder') return [label]
  if (allHave) return brief.labels.filter((name) => name !== label)
  return [...new Set([...brief.labels, label])]
}

interface TileProps {
  task: Task
  brief: Brief
  chosen: boolean
  /** Where the keyboard is. */
  current: boolean
  onPick: (brief: Brief, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) => void
}

function Tile({ task, brief, chosen, current, onPick }: TileProps) {
  const t = useText(text)
  const here = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (current) here.current?.scrollIntoView({ block: 'nearest' })
  }, [current])
  const colour = (name: string) => task.labels.find((label) => label.name === name)?.colour
  return (
    <button
      type="button"
      ref={here}
      className="label-tile"
      data-state={brief.state}
      aria-pressed={chosen}
      aria-label={`${t('number', { number: brief.index + 1 })} ${brief.labels.join(', ')}`}
      title={brief.comment ?? brief.file}
      onClick={(event) => onPick(brief, event)}
    >
      {brief.thumbnail_url === null ? null : (
        <img
          src={brief.thumbnail_url.replace('size=128', 'size=256')}
          alt=""
          loading="lazy"
          draggable={false}
        />
      )}
      <span className="label-tags">
        {brief.labels.map((name) => (
          <span key={name} className="label-tag">
            <i style={{ background: colour(name) }} />
            {name}
          </span>
        ))}
      </span>
      {brief.lock === null ? null : (
        <LockOutlined className="label-lock" aria-hidden title={brief.lock.user_name} />
      )}
    </button>
  )
}
