import {
  BorderOutlined,
  CompressOutlined,
  DeleteOutlined,
  ExpandOutlined,
  FullscreenExitOutlined,
  FullscreenOutlined,
  GatewayOutlined,
  MinusOutlined,
  NodeIndexOutlined,
  PlusOutlined,
  RedoOutlined,
  SelectOutlined,
  UndoOutlined,
  VerticalAlignBottomOutlined,
  BgColorsOutlined,
} from '@ant-design/icons'
import { Button, InputNumber, Segmented, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '@/base/text'
import { text } from '../work/text'
import type { Tool } from './Canvas'

interface Props {
  tool: Tool
  segmented: boolean
  readOnly: boolean
  filled: boolean
  full: boolean
  scale: number
  pointLimit: number | null
  canUndo: boolean
  canRedo: boolean
  hasSelection: boolean
  onTool: (tool: Tool) => void
  onPointLimit: (limit: number | null) => void
  onUndo: () => void
  onRedo: () => void
  onBack: () => void
  onDelete: () => void
  onFill: () => void
  onZoom: (factor: number) => void
  onFit: () => void
  onFull: () => void
}

const ICONS: Record<Tool, ReactNode> = {
  select: <SelectOutlined aria-hidden />,
  rectangle: <BorderOutlined aria-hidden />,
  polygon: <GatewayOutlined aria-hidden />,
  line: <NodeIndexOutlined aria-hidden />,
}

export function ToolBar(props: Props) {
  const t = useText(text)
  const tools: Tool[] = props.segmented
    ? ['select', 'polygon']
    : ['select', 'rectangle', 'polygon', 'line']
  return (
    <div className="label-tools" role="toolbar" aria-label={t('tools')}>
      <Segmented<Tool>
        size="small"
        value={props.tool}
        disabled={props.readOnly}
        onChange={props.onTool}
        options={tools.map((tool) => ({
          value: tool,
          icon: ICONS[tool],
          label: t(`tool.${tool}`),
          title: t(`tool.${tool}.key`),
        }))}
      />
      {props.tool === 'polygon' ? (
        <Tooltip title={t('pointLimit.hint')}>
          <InputNumber
            size="small"
            min={3}
            max={200}
            placeholder={t('pointLimit')}
            aria-label={t('pointLimit')}
            value={props.pointLimit}
            onChange={props.onPointLimit}
          />
        </Tooltip>
      ) : null}
      <span className="label-group">
        <Tool
          name={t('undo')}
          hint="Ctrl+Z"
          off={!props.canUndo}
          icon={<UndoOutlined aria-hidden />}
          run={props.onUndo}
        />
        <Tool
          name={t('redo')}
          hint="Ctrl+Shift+Z"
          off={!props.canRedo}
          icon={<RedoOutlined aria-hidden />}
          run={props.onRedo}
        />
      </span>
      <span className="label-group">
        <Tool
          name={t('toBack')}
          hint="Ctrl+4"
          off={!props.hasSelection || props.readOnly}
          icon={<VerticalAlignBottomOutlined aria-hidden />}
          run={props.onBack}
        />
        <Tool
          name={t('delete')}
          hint="Delete, Ctrl+D"
          off={!props.hasSelection || props.readOnly}
          icon={<DeleteOutlined aria-hidden />}
          run={props.onDelete}
        />
        <Tool
          name={t('fill')}
          hint="F"
          on={props.filled}
          icon={<BgColorsOutlined aria-hidden />}
          run={props.onFill}
        />
      </span>
      <span className="label-group">
        <Tool
          name={t('zoomOut')}
          hint="-"
          icon={<MinusOutlined aria-hidden />}
          run={() => props.onZoom(0.8)}
        />
        <span className="sw-num label-scale">{Math.round(props.scale * 100)}%</span>
        <Tool
          name={t('zoomIn')}
          hint="+"
          icon={<PlusOutlined aria-hidden />}
          run={() => props.onZoom(1.25)}
        />
        <Tool name={t('fit')} hint="0" icon={<CompressOutlined aria-hidden />} run={props.onFit} />
        <Tool
          name={t('actual')}
          hint=""
          icon={<ExpandOutlined aria-hidden />}
          run={() => props.onZoom(1 / props.scale)}
        />
        <Tool
          name={t('full')}
          hint=""
          on={props.full}
          icon={
            props.full ? <FullscreenExitOutlined aria-hidden /> : <FullscreenOutlined aria-hidden />
          }
          run={props.onFull}
        />
      </span>
    </div>
  )
}

interface ToolProps {
  name: string
  hint: string
  icon: ReactNode
  run: () => void
  off?: boolean
  on?: boolean
}

function Tool({ name, hint, icon, run, off = false, on }: ToolProps) {
  return (
    <Tooltip title={hint ? `${name} (${hint})` : name}>
      <Button
        size="small"
        type={on ? 'default' : 'text'}
        icon={icon}
        aria-label={name}
        aria-pressed={on}
        disabled={off}
        onClick={run}
      />
    </Tooltip>
  )
}
