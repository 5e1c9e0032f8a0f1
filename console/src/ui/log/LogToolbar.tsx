import {
  ClockCircleOutlined,
  DownloadOutlined,
  DownOutlined,
  EnterOutlined,
  FilterOutlined,
  SearchOutlined,
  UpOutlined,
  VerticalAlignBottomOutlined,
} from '@ant-design/icons'
import { Button, Input, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '@/base/text'
import { CopyButton } from '../CopyButton'
import { text } from '../text'
import type { LogLook } from './LogView'
import { plainText, type LogFilter } from './search'
import type { LogCategory, LogLine, LogStatus } from './types'

const CATEGORIES: readonly LogCategory[] = ['code', 'platform', 'health']
const TONES: Record<LogStatus, string> = { live: 'good', away: 'warn', ended: 'neutral' }

interface Props {
  filter: LogFilter
  onFilter: (filter: LogFilter) => void
  look: LogLook
  onLook: (look: LogLook) => void
  status: LogStatus
  matches: number
  at: number
  onAt: (match: number) => void
  lines: readonly LogLine[]
  downloadUrl: string | undefined
}

export function LogToolbar(props: Props) {
  const t = useText(text)
  const { filter, onFilter, look, onLook, status, lines, downloadUrl } = props
  return (
    <div className="sw-log-bar" role="toolbar" aria-label={t('log.label')}>
      <LogSearch {...props} />
      <span className="sw-log-categories" role="group" aria-label={t('list.filter')}>
        {CATEGORIES.map((one) => (
          <button
            key={one}
            type="button"
            data-category={one}
            aria-pressed={filter.categories.has(one)}
            onClick={() => onFilter({ ...filter, categories: toggled(filter.categories, one) })}
          >
            {t(`log.${one}`)}
          </button>
        ))}
      </span>
      <span className="sw-status" data-tone={TONES[status]}>
        <i aria-hidden className="sw-status-dot" />
        {t(`log.${status}`)}
      </span>
      <span className="sw-log-tools">
        <Toggle
          on={look.times}
          label={t('log.times')}
          icon={<ClockCircleOutlined aria-hidden />}
          onToggle={(times) => onLook({ ...look, times })}
        />
        <Toggle
          on={look.wrap}
          label={t('log.wrap')}
          icon={<EnterOutlined aria-hidden />}
          onToggle={(wrap) => onLook({ ...look, wrap })}
        />
        <Toggle
          on={look.follow}
          label={t('log.follow')}
          icon={<VerticalAlignBottomOutlined aria-hidden />}
          onToggle={(follow) => onLook({ ...look, follow })}
        />
        <CopyButton value={asText(lines)} />
        {downloadUrl ? (
          <Tooltip title={t('download')}>
            <Button
              type="text"
              size="small"
              icon={<DownloadOutlined aria-hidden />}
              aria-label={t('download')}
              href={downloadUrl}
              download
            />
          </Tooltip>
        ) : null}
      </span>
    </div>
  )
}

function LogSearch({ filter, onFilter, matches, at, onAt }: Props) {
  const t = useText(text)
  const step = (by: number) => matches > 0 && onAt((at + by + matches) % matches)
  return (
    <span className="sw-log-search">
      <Input
        type="search"
        prefix={<SearchOutlined aria-hidden />}
        aria-label={t('log.search')}
        placeholder={t('log.search')}
        value={filter.words}
        onChange={(event) => onFilter({ ...filter, words: event.target.value })}
        onPressEnter={(event) => step(event.shiftKey ? -1 : 1)}
      />
      {filter.words === '' ? null : (
        <>
          <span className="sw-num sw-faint" role="status">
            {matches === 0 ? t('log.noMatch') : t('log.matches', { index: at + 1, total: matches })}
          </span>
          <Tool
            label={t('log.previous')}
            icon={<UpOutlined aria-hidden />}
            onClick={() => step(-1)}
          />
          <Tool
            label={t('log.nextMatch')}
            icon={<DownOutlined aria-hidden />}
            onClick={() => step(1)}
          />
          <Toggle
            on={filter.onlyMatches}
            label={t('log.onlyMatches')}
            icon={<FilterOutlined aria-hidden />}
            onToggle={(onlyMatches) => onFilter({ ...filter, onlyMatches })}
          />
        </>
      )}
    </span>
  )
}

interface ToolProps {
  label: string
  icon: ReactNode
  onClick: () => void
}

function Tool({ label, icon, onClick }: ToolProps) {
  return (
    <Tooltip title={label}>
      <Button type="text" size="small" icon={icon} aria-label={label} onClick={onClick} />
    </Tooltip>
  )
}

interface ToggleProps {
  on: boolean
  label: string
  icon: ReactNode
  onToggle: (on: boolean) => void
}

function Toggle({ on, label, icon, onToggle }: ToggleProps) {
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        size="small"
        className="sw-toggle"
        icon={icon}
        aria-label={label}
        aria-pressed={on}
        onClick={() => onToggle(!on)}
      />
    </Tooltip>
  )
}

function toggled(chosen: ReadonlySet<LogCategory>, one: LogCategory): Set<LogCategory> {
  const next = new Set(chosen)
  if (!next.delete(one)) next.add(one)
  return next
}

function asText(lines: readonly LogLine[]): string {
  return lines.map((line) => `${line.time} ${plainText(line.text)}`).join('\n')
}
