import {
  BorderOutlined,
  CompressOutlined,
  FullscreenExitOutlined,
  FullscreenOutlined,
  GatewayOutlined,
  LinkOutlined,
  MinusOutlined,
  PlusOutlined,
  QuestionCircleOutlined,
  RedoOutlined,
  ScanOutlined,
  SelectOutlined,
  SettingOutlined,
  UndoOutlined,
} from '@ant-design/icons'
import { Button, Popover, Segmented, Select, Slider, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { Tool } from './OcrCanvas'
import { FONTS, type Settings, type Toggle } from './settings'
import { text } from './text'

interface Props {
  structured: boolean
  readOnly: boolean
  tool: Tool
  settings: Settings
  full: boolean
  scale: number
  canUndo: boolean
  canRedo: boolean
  hasSelection: boolean
  /** Why nothing can read texts, or null. */
  readingBlocked: string | null
  reading: boolean
  onTool: (tool: Tool) => void
  onSettings: (change: Partial<Settings>) => void
  onUndo: () => void
  onRedo: () => void
  onAuto: () => void
  onReadBox: () => void
  onZoom: (factor: number) => void
  onFit: () => void
  onFull: () => void
  onUsage: () => void
}

const ICONS: Record<Tool, ReactNode> = {
  select: <SelectOutlined aria-hidden />,
  box: <BorderOutlined aria-hidden />,
  corners: <GatewayOutlined aria-hidden />,
  pair: <LinkOutlined aria-hidden />,
}
const SHOWN: readonly Toggle[] = ['attribute', 'text', 'points', 'ids']

export function OcrBar(props: Props) {
  const t = useText(text)
  const say = useSentence()
  const { settings, structured, readOnly, readingBlocked } = props
  const tools: Tool[] = ['select', 'box', 'corners', ...(structured ? (['pair'] as const) : [])]
  const hint = readingBlocked === null ? null : say(readingBlocked)
  const toggle = (name: Toggle, off = false, why: string | null = null) => (
    <Tooltip key={name} title={why ?? t(`toggle.${name}.hint`)}>
      <Button
        size="small"
        type={settings[name] && !off ? 'primary' : 'default'}
        ghost={settings[name] && !off}
        aria-pressed={settings[name]}
        aria-label={t(`toggle.${name}.hint`)}
        disabled={off}
        onClick={() => props.onSettings({ [name]: !settings[name] })}
      >
        {t(`toggle.${name}`)}
      </Button>
    </Tooltip>
  )
  return (
    <div className="label-tools" role="toolbar" aria-label={t('tools')}>
      <Segmented<Tool>
        size="small"
        value={props.tool}
        disabled={readOnly}
        onChange={props.onTool}
        options={tools.map((tool) => ({
          value: tool,
          icon: ICONS[tool],
          label: t(`tool.${tool}`),
          title: t(`tool.${tool}.hint`),
        }))}
      />
      <span className="label-group">
        <Tooltip title={hint ?? t('auto.hint')}>
          <Button
            size="small"
            icon={<ScanOutlined aria-hidden />}
            disabled={readOnly || hint !== null}
            loading={props.reading}
            onClick={props.onAuto}
          >
            {t('auto')}
          </Button>
        </Tooltip>
        <Tooltip title={hint ?? t('readBox.hint')}>
          <Button
            size="small"
            disabled={readOnly || hint !== null || !props.hasSelection}
            onClick={props.onReadBox}
          >
            {t('readBox')}
          </Button>
        </Tooltip>
        {toggle('assist', readOnly || hint !== null, hint)}
      </span>
      <span className="label-group">
        {SHOWN.filter((name) => structured || name !== 'attribute').map((name) => toggle(name))}
        <Popover
          trigger="click"
          placement="bottom"
          title={t('display')}
          content={<Display settings={settings} onSettings={props.onSettings} />}
        >
          <Button
            size="small"
            type="text"
            icon={<SettingOutlined aria-hidden />}
            aria-label={t('display')}
          />
        </Popover>
      </span>
      {toggle('autosave')}
      <span className="label-group">
        <Plain
          name={t('undo')}
          hint="Ctrl+Z"
          off={!props.canUndo}
          icon={<UndoOutlined aria-hidden />}
          run={props.onUndo}
        />
        <Plain
          name={t('redo')}
          hint="Ctrl+Shift+Z"
          off={!props.canRedo}
          icon={<RedoOutlined aria-hidden />}
          run={props.onRedo}
        />
        <Plain
          name={t('zoomOut')}
          hint="-"
          icon={<MinusOutlined aria-hidden />}
          run={() => props.onZoom(0.8)}
        />
        <span className="sw-num label-scale">{Math.round(props.scale * 100)}%</span>
        <Plain
          name={t('zoomIn')}
          hint="+"
          icon={<PlusOutlined aria-hidden />}
          run={() => props.onZoom(1.25)}
        />
        <Plain name={t('fit')} hint="0" icon={<CompressOutlined aria-hidden />} run={props.onFit} />
        <Plain
          name={t('full')}
          icon={
            props.full ? <FullscreenExitOutlined aria-hidden /> : <FullscreenOutlined aria-hidden />
          }
          run={props.onFull}
        />
      </span>
      <Button
        size="small"
        className="ocr-usage-button"
        icon={<QuestionCircleOutlined aria-hidden />}
        onClick={props.onUsage}
      >
        {t('usage')}
      </Button>
    </div>
  )
}

interface PlainProps {
  name: string
  hint?: string
  icon: ReactNode
  run: () => void
  off?: boolean
}

function Plain({ name, hint, icon, run, off = false }: PlainProps) {
  return (
    <Tooltip title={hint === undefined ? name : `${name} (${hint})`}>
      <Button size="small" type="text" icon={icon} aria-label={name} disabled={off} onClick={run} />
    </Tooltip>
  )
}

function Display({
  settings,
  onSettings,
}: {
  settings: Settings
  onSettings: (change: Partial<Settings>) => void
}) {
  const t = useText(text)
  return (
    <div className="ocr-display">
      <span>{t('font')}</span>
      <Select
        size="small"
        aria-label={t('font')}
        value={settings.font}
        onChange={(font) => onSettings({ font })}
        options={FONTS.map((value) => ({ value, label: t(`font.${value}`) }))}
      />
      <span>{t('size')}</span>
      <Slider
        min={8}
        max={28}
        ariaLabelForHandle={t('size')}
        value={settings.size}
        onChange={(size) => onSettings({ size })}
      />
    </div>
  )
}
