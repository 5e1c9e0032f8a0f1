import { useQuery } from '@tanstack/react-query'
import { Segmented, Select } from 'antd'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { restLogSource } from '@/api/logs'
import { useText } from '@/base/text'
import { LogFinder } from '@/ui/log/LogFinder'
import { LogView } from '@/ui/log/LogView'
import type { FoundLines, LogLine, LogQuestion, LogSource } from '@/ui/log/types'
import { namesById } from '../name'
import { instanceList, type TaskDetail } from '../queries'
import { telemetryText } from '../telemetryText'
import { text } from '../text'
import { LogSettingsBar } from './LogSettings'

/** The log of all instances, or of one (`?instance=`): as it is written, or searched (`?way=find`). */
export function LogTab({ task }: { task: TaskDetail }) {
  const [query] = useSearchParams()
  const instance = query.get('instance') ?? ''
  const source = useMemo(() => logSource(task.id, instance), [task.id, instance])
  return (
    <div className="sw-stack training-log">
      <div className="training-log-head">
        <WayChoice />
        <InstanceChoice task={task} />
      </div>
      {query.get('way') === 'find' ? (
        <LogFinder key={instance} find={source.find} />
      ) : (
        // A task that is started again writes on after its log had ended: a new view follows it.
        <LogView key={task.queued_at} source={source} />
      )}
      <LogSettingsBar task={task} />
    </div>
  )
}

function WayChoice() {
  const t = useText(telemetryText)
  const [query, setQuery] = useSearchParams()
  const choose = (way: string) => {
    const next = new URLSearchParams(query)
    if (way === 'live') next.delete('way')
    else next.set('way', way)
    setQuery(next, { replace: true })
  }
  return (
    <Segmented
      aria-label={t('log.way')}
      value={query.get('way') ?? 'live'}
      onChange={choose}
      options={[
        { value: 'live', label: t('log.live') },
        { value: 'find', label: t('log.find') },
      ]}
    />
  )
}

interface SearchableSource extends LogSource {
  find: (question: LogQuestion, cursor: string | null) => Promise<FoundLines>
}

/** Every line of a task would begin with the task's own id; without it, it reads "worker-0-x7k2p". */
function logSource(id: string, instance: string): SearchableSource {
  const path = `/api/v1/training/tasks/${encodeURIComponent(id)}/logs`
  const source = restLogSource(path, instance === '' ? {} : { instance })
  const short = (line: LogLine) => ({ ...line, instance: line.instance.replace(`${id}-`, '') })
  return {
    follow: ({ onLines, onStatus }) =>
      source.follow({ onLines: (lines) => onLines(lines.map(short)), onStatus }),
    older: async (before) => {
      const { lines, more } = await source.older(before)
      return { lines: lines.map(short), more }
    },
    find: async (question, cursor) => {
      const found = await source.find(question, cursor)
      return { ...found, lines: found.lines.map(short) }
    },
    downloadUrl: source.downloadUrl,
  }
}

/** Shown where there is a choice. */
function InstanceChoice({ task }: { task: TaskDetail }) {
  const t = useText(text)
  const { data } = useQuery(instanceList(task.id))
  const [query, setQuery] = useSearchParams()
  const all = data?.items ?? []
  if (all.length < 2) return null
  const nameOf = namesById(all)
  const choose = (id: string) => {
    const next = new URLSearchParams(query)
    if (id === '') next.delete('instance')
    else next.set('instance', id)
    setQuery(next, { replace: true })
  }
  return (
    <Select
      className="training-instance"
      aria-label={t('instance')}
      value={query.get('instance') ?? ''}
      onChange={choose}
      options={[
        { value: '', label: t('instance.all') },
        ...all.toReversed().map(({ id }) => ({ value: id, label: nameOf(id) })),
      ]}
    />
  )
}
