import {
  BranchesOutlined,
  DatabaseOutlined,
  DeleteOutlined,
  DeploymentUnitOutlined,
  FolderOpenOutlined,
  HddOutlined,
} from '@ant-design/icons'
import { Button, Checkbox, Input, Select } from 'antd'
import type { ReactNode } from 'react'
import { useText } from '@/base/text'
import { text } from '../text'
import { AddressField } from './AddressField'
import { BuiltInPicker, DatasetPicker, ModelPicker } from './pickers'
import { RepositoryPicker } from './RepositoryPicker'
import { formText } from './text'
import { defaultTarget, emptyMount, type MountKind, type MountRow, type Purpose } from './values'

const KINDS: readonly { kind: MountKind; purpose: Purpose; icon: ReactNode }[] = [
  { kind: 'dataset', purpose: 'training_data', icon: <DatabaseOutlined aria-hidden /> },
  { kind: 'model', purpose: 'own_model', icon: <DeploymentUnitOutlined aria-hidden /> },
  { kind: 'storage', purpose: 'code', icon: <FolderOpenOutlined aria-hidden /> },
  { kind: 'git', purpose: 'code', icon: <BranchesOutlined aria-hidden /> },
  { kind: 'path', purpose: 'other', icon: <HddOutlined aria-hidden /> },
]
const PURPOSES: readonly Purpose[] = ['training_data', 'own_data', 'code', 'own_model', 'other']

interface Props {
  id?: string
  value?: readonly MountRow[]
  onChange?: (rows: MountRow[]) => void
}

/** What the task finds inside: datasets, models, folders of the storage. */
export function MountsField({ id, value: rows = [], onChange }: Props) {
  const f = useText(formText)
  const change = (at: number, part: Partial<MountRow>) =>
    onChange?.(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  return (
    <div id={id} role="group" className="training-mounts">
      {rows.map((row, at) => (
        <MountBox
          key={at}
          row={row}
          position={at}
          onChange={(part) => change(at, part)}
          onRemove={() => onChange?.(rows.filter((_, index) => index !== at))}
        />
      ))}
      <div className="sw-row">
        {KINDS.map(({ kind, purpose, icon }) => (
          <Button
            key={kind}
            type="dashed"
            icon={icon}
            onClick={() => onChange?.([...rows, emptyMount(kind, freePurpose(rows, purpose))])}
          >
            {f(`mount.add.${kind}`)}
          </Button>
        ))}
      </div>
    </div>
  )
}

/** Only a file system holds models of the platform. */
function purposesOf(kind: MountKind): readonly Purpose[] {
  return kind === 'path' ? [...PURPOSES, 'built_in_model'] : PURPOSES
}

/** A model of the platform is named, another path is written: neither is the other's source. */
function withPurpose(row: MountRow, purpose: Purpose): Partial<MountRow> {
  const changes = (row.purpose === 'built_in_model') !== (purpose === 'built_in_model')
  return changes ? { purpose, source: '', read_only: true } : { purpose }
}

function mayWrite({ kind, purpose }: MountRow): boolean {
  return kind === 'storage' || (kind === 'path' && purpose !== 'built_in_model')
}

/** Two mounts of one purpose would share its path. */
function freePurpose(rows: readonly MountRow[], wanted: Purpose): Purpose {
  return rows.some(({ purpose }) => purpose === wanted) ? 'other' : wanted
}

interface BoxProps {
  row: MountRow
  position: number
  onChange: (part: Partial<MountRow>) => void
  onRemove: () => void
}

function MountBox({ row, position, onChange, onRemove }: BoxProps) {
  const t = useText(text)
  const f = useText(formText)
  const words = t(`kind.${row.kind}`)
  return (
    <fieldset className="training-mount" aria-label={`${words} ${position + 1}`}>
      <div className="training-mount-source">
        <span className="training-mount-kind">
          <span aria-hidden>{KINDS.find(({ kind }) => kind === row.kind)?.icon}</span> {words}
        </span>
        <Source row={row} onChange={onChange} />
        <Button
          type="text"
          icon={<DeleteOutlined aria-hidden />}
          aria-label={f('mount.remove', { number: position + 1 })}
          onClick={onRemove}
        />
      </div>
      <div className="training-mount-place">
        <Select<Purpose>
          aria-label={t('mount.purpose')}
          value={row.purpose}
          options={purposesOf(row.kind).map((purpose) => ({
            value: purpose,
            label: t(`purpose.${purpose}`),
          }))}
          onChange={(purpose) => onChange(withPurpose(row, purpose))}
        />
        <Input
          className="sw-mono"
          aria-label={t('mount.target')}
          value={row.target}
          placeholder={defaultTarget(row, position)}
          onChange={(event) => onChange({ target: event.target.value })}
        />
        {mayWrite(row) ? (
          <Checkbox
            checked={!row.read_only}
            onChange={(event) => onChange({ read_only: !event.target.checked })}
          >
            {f('mount.writable')}
          </Checkbox>
        ) : (
          <span className="sw-faint">
            {row.kind === 'git' ? f('mount.cloned') : t('mount.read')}
          </span>
        )}
      </div>
    </fieldset>
  )
}

function Source({ row, onChange }: Pick<BoxProps, 'row' | 'onChange'>) {
  const f = useText(formText)
  if (row.kind === 'dataset') {
    return (
      <DatasetPicker
        source={row.source}
        version={row.version}
        onChange={(source, version) => onChange({ source, version })}
      />
    )
  }
  if (row.kind === 'model') {
    return <ModelPicker source={row.source} onChange={(source) => onChange({ source })} />
  }
  if (row.kind === 'git') {
    return (
      <RepositoryPicker
        source={row.source}
        refName={row.version}
        onChange={(source, version) => onChange({ source, version })}
      />
    )
  }
  if (row.purpose === 'built_in_model') {
    return <BuiltInPicker source={row.source} onChange={(source) => onChange({ source })} />
  }
  if (row.kind === 'path') {
    return (
      <Input
        className="sw-mono"
        aria-label={f('mount.path')}
        placeholder="/shared/datasets/…"
        value={row.source}
        onChange={(event) => onChange({ source: event.target.value })}
      />
    )
  }
  return (
    <AddressField
      aria-label={f('mount.address')}
      placeholder={f('mount.addressHint')}
      value={row.source}
      onChange={(source) => onChange({ source })}
    />
  )
}
