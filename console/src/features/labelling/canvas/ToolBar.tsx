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
  ArrowsAltOutlined,
  ClearOutlined,
  HighlightOutlined,
} from '@ant-design/icons'
import { Button, InputNumber, Segmented, Slider, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '@/base/text'
import type { LabelKind } from '../queries'
import { keysOf, useBindings, type CommandName } from '../work/keymap'
import { shownKey } from '../work/shownKey'
import { text } from '../work/text'
import type { Tool } from './Canvas'

interface Props {
  kind: LabelKind
  tool: Tool
  readOnly: boolean
  filled: boolean
  scaling: boolean
  full: boolean
  scale: number
  radius: number
  pointLimit: number | null
  canUndo: boolean
  canRedo: boolean
  hasSelection: boolean
  onTool: (tool: Tool) => void
  onRadius: (radius: number) => void
  onPointLimit: (limit: number | null) => void
  onUndo: () => void
  onRedo: () => void
  onBack: () => void
  onDelete: () => void
  onFill: () => void
  onScaling: () => void
  onZoom: (factor: number) => void
  onFit: () => void
  onFull: () => void
}

const ICONS: Record<Tool, ReactNode> = {
  select: <SelectOutlined aria-hidden />,
  rectangle: <BorderOutlined aria-hidden />,
  polygon: <GatewayOutlined aria-hidden />,
  line: <NodeIndexOutlined aria-hidden />,
  brush: <HighlightOutlined aria-hidden />,
  eraser: <ClearOutlined aria-hidden />,
}

/** Detection and tracking draw shapes, segmentation outlines and pixels. */
export function toolsOf(kind: LabelKind): readonly Tool[] {
  return kind === 'segmentation'
    ? ['select', 'polygon', 'brush', 'eraser']
    : ['select', 'rectangle', 'polygon', 'line']
}

export function ToolBar(props: Props) {
  const t = useText(text)
  const bindings = useBindings()
  const hint = (name: CommandName) => keysOf(name, bindings).map(shownKey).join(', ')
  return (
    <div className="label-tools" role="toolbar" aria-label={t('tools')}>
      <Segmented<Tool>
        size="small"
        value={props.tool}
        disabled={props.readOnly}
        onChange={props.onTool}
        options={toolsOf(props.kind).map((tool) => ({
          value: tool,
          icon: ICONS[tool],
          label: t(`tool.${tool}`),
          title: `${t(`tool.${tool}`)} (${hint(tool)})`,
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
      {props.tool === 'brush' || props.tool === 'eraser' ? (
        <Tooltip title={`${t('radius')} (${hint('smaller')} ${hint('larger')})`}>
          <Slider
            className="label-radius"
            min={1}
            max={100}
            value={props.radius}
            ariaLabelForHandle={t('radius')}
            onChange={props.onRadius}
          />
        </Tooltip>
      ) : null}
      <span className="label-group">
        <Tool
          name={t('undo')}
          hint={hint('undo')}
          off={!props.canUndo}
          icon={<UndoOutlined aria-hidden />}
          run={props.onUndo}
        />
        <Tool
          name={t('redo')}
          hint={hint('redo')}
          off={!props.canRedo}
          icon={<RedoOutlined aria-hidden />}
          run={props.onRedo}
        />
      </span>
      <span className="label-group">
        <Tool
          name={t('toBack')}
          hint={hint('toBack')}
          off={!props.hasSelection || props.readOnly}
          icon={<VerticalAlignBottomOutlined aria-hidden />}
          run={props.onBack}
        />
        <Tool
          name={t('delete')}
          hint={hint('remove')}
          off={!props.hasSelection || props.readOnly}
          icon={<DeleteOutlined aria-hidden />}
          run={props.onDelete}
        />
        <Tool
          name={t('scaling')}
          hint={hint('scaling')}
          on={props.scaling}
          icon={<ArrowsAltOutlined aria-hidden />}
          run={props.onScaling}
        />
        <Tool
          name={t('fill')}
          hint={hint('fill')}
          on={props.filled}
          icon={<BgColorsOutlined aria-hidden />}
          run={props.onFill}
        />
      </span>
      <span className="label-group">
        <Tool
          name={t('zoomOut')}
          hint={hint('zoomOut')}
          icon={<MinusOutlined aria-hidden />}
          run={() => props.onZoom(0.8)}
        />
        <span className="sw-num label-scale">{Math.round(props.scale * 100)}%</span>
        <Tool
          name={t('zoomIn')}
          hint={hint('zoomIn')}
          icon={<PlusOutlined aria-hidden />}
          run={() => props.onZoom(1.25)}
        />
        <Tool
          name={t('fit')}
          hint={hint('fit')}
          icon={<CompressOutlined aria-hidden />}
          run={props.onFit}
        />
        <Tool
          name={t('actual')}
          hint=""
          icon={<ExpandOutlined aria-hidden />}
          run={() => props.onZoom(1 / props.scale)}
        />
        <Tool
          name={t('full')}
          hint={hint('full')}
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
