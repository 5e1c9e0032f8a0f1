import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useRef } from 'react'
import { useText } from '@/base/text'
import { recordPage, type Brief, type Shown, type Task } from '../queries'
import { text } from './text'

interface Props {
  task: Task
  shown: Shown
  at: number | null
  onGo: (index: number) => void
}

const PAGE = 40

/** The records around this one, small. */
export function Strip({ task, shown, at, onGo }: Props) {
  const t = useText(text)
  const start = Math.floor((at ?? 0) / PAGE) * PAGE
  const { data } = useQuery(recordPage(task.id, shown, start - 1, PAGE))
  const here = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    here.current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [at, data])
  const last = task.counts.records + task.counts.deleted - 1
  return (
    <nav className="label-strip" aria-label={t('strip')}>
      <Button
        type="text"
        icon={<LeftOutlined aria-hidden />}
        aria-label={t('strip.earlier')}
        disabled={start === 0}
        onClick={() => onGo(start - 1)}
      />
      <div className="label-thumbs">
        {(data?.items ?? []).map((brief) => (
          <Thumb
            key={brief.index}
            brief={brief}
            current={brief.index === at}
            ref={brief.index === at ? here : null}
            onGo={onGo}
          />
        ))}
      </div>
      <Button
        type="text"
        icon={<RightOutlined aria-hidden />}
        aria-label={t('strip.later')}
        disabled={start + PAGE > last}
        onClick={() => onGo(start + PAGE)}
      />
    </nav>
  )
}

interface ThumbProps {
  brief: Brief
  current: boolean
  ref: React.Ref<HTMLButtonElement>
  onGo: (index: number) => void
}

function Thumb({ brief, current, ref, onGo }: ThumbProps) {
  const t = useText(text)
  return (
    <button
      type="button"
      ref={ref}
      className="label-thumb"
      data-state={brief.state}
      aria-current={current || undefined}
      aria-label={t('number', { number: brief.index + 1 })}
      title={brief.file}
      onClick={() => onGo(brief.index)}
    >
      {brief.thumbnail_url === null ? null : (
        <img src={brief.thumbnail_url} alt="" loading="lazy" draggable={false} />
      )}
      <small className="sw-num">{brief.index + 1}</small>
    </button>
  )
}
