import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, InputNumber, Select } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '@/base/text'
import { text } from '../text'
import { GibInput } from '../../resources/GibInput'
import { formText } from './text'
import { MAX_RAY_GROUPS, nextGroup, type RoleMode, type RoleRow, type Values } from './values'

interface Props {
  mode: RoleMode
  models: readonly string[]
}

/** PS-Worker and Ray: each role has its own count and request, and may have its own command. */
export function RolesField({ mode, models }: Props) {
  const f = useText(formText)
  return (
    <Form.Item<Values>
      name="roles"
      label={f('roles')}
      extra={f(`roles.hint.${mode}`)}
      rules={[{ required: true, message: f('roles.needed') }]}
    >
      <RolesTable mode={mode} models={models} />
    </Form.Item>
  )
}

interface TableProps extends Props {
  id?: string
  value?: readonly RoleRow[]
  onChange?: (rows: RoleRow[]) => void
}

function RolesTable({ mode, models, id, value: rows = [], onChange }: TableProps) {
  const f = useText(formText)
  const change = (at: number, part: Partial<RoleRow>) =>
    onChange?.(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  const groups = rows.filter(({ name }) => name !== 'head').length
  return (
    <div id={id} role="group" className="training-roles">
      {rows.map((row, at) => (
        <RoleBox
          key={at}
          row={row}
          models={models}
          fixedName={mode === 'ps' || at === 0}
          fixedCount={mode === 'ray' && at === 0}
          ownCommand={mode === 'ps'}
          onChange={(part) => change(at, part)}
          onRemove={
            mode === 'ray' && at > 0 && groups > 1
              ? () => onChange?.(rows.filter((_, index) => index !== at))
              : null
          }
        />
      ))}
      {mode === 'ray' ? (
        <Button
          type="dashed"
          icon={<PlusOutlined aria-hidden />}
          disabled={groups >= MAX_RAY_GROUPS}
          title={groups >= MAX_RAY_GROUPS ? f('roles.most', { most: MAX_RAY_GROUPS }) : undefined}
          onClick={() => onChange?.([...rows, nextGroup(rows)])}
        >
          {f('roles.add')}
        </Button>
      ) : null}
    </div>
  )
}

interface BoxProps {
  row: RoleRow
  models: readonly string[]
  fixedName: boolean
  fixedCount: boolean
  ownCommand: boolean
  onChange: (part: Partial<RoleRow>) => void
  onRemove: (() => void) | null
}

function RoleBox(props: BoxProps) {
  const { row, models, fixedName, fixedCount, ownCommand, onChange, onRemove } = props
  const t = useText(text)
  const f = useText(formText)
  const number = (part: keyof RoleRow) => (value: number | null) => onChange({ [part]: value ?? 0 })
  return (
    <fieldset className="training-role" aria-label={row.name}>
      <div className="training-role-head">
        {fixedName ? (
          <strong>{row.name}</strong>
        ) : (
          <Input
            aria-label={f('role.name')}
            maxLength={20}
            value={row.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
        {onRemove === null ? null : (
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={f('role.remove', { name: row.name })}
            onClick={onRemove}
          />
        )}
      </div>
      <div className="training-amounts">
        <Labelled words={f('instances')}>
          <InputNumber
            aria-label={`${row.name} ${f('instances')}`}
            min={1}
            max={1000}
            precision={0}
            disabled={fixedCount}
            value={row.count}
            onChange={number('count')}
          />
        </Labelled>
        <Labelled words={f('cpu')}>
          <InputNumber
            aria-label={`${row.name} ${f('cpu')}`}
            min={0.1}
            max={1024}
            value={row.cpu_cores}
            onChange={number('cpu_cores')}
          />
        </Labelled>
        <Labelled words={f('memory')}>
          <GibInput
            aria-label={`${row.name} ${f('memory')}`}
            value={row.memory_bytes}
            onChange={number('memory_bytes')}
          />
        </Labelled>
        <Labelled words={f('gpus')}>
          <InputNumber
            aria-label={`${row.name} ${f('gpus')}`}
            min={0}
            max={64}
            value={row.gpus}
            onChange={number('gpus')}
          />
        </Labelled>
        {row.gpus > 0 ? (
          <Labelled words={t('gpuModel')}>
            <Select
              aria-label={`${row.name} ${t('gpuModel')}`}
              allowClear
              placeholder={f('anyModel')}
              value={row.gpu_model}
              options={models.map((model) => ({ value: model, label: model }))}
              onChange={(gpu_model: string | undefined) =>
                onChange({ gpu_model: gpu_model ?? null })
              }
            />
          </Labelled>
        ) : null}
      </div>
      {ownCommand ? (
        <Input.TextArea
          className="sw-mono"
          aria-label={`${row.name} ${t('command')}`}
          placeholder={f('role.command')}
          autoSize={{ minRows: 1, maxRows: 8 }}
          spellCheck={false}
          value={row.command}
          onChange={(event) => onChange({ command: event.target.value })}
        />
      ) : null}
    </fieldset>
  )
}

function Labelled({ words, children }: { words: string; children: ReactNode }) {
  return (
    <div className="training-labelled">
      <span aria-hidden className="sw-soft">
        {words}
      </span>
      {children}
    </div>
  )
}
