import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useText } from '@/base/text'
import { text } from '../text'
import { NEW_ROW, type Method, type ParameterRow } from './values'

interface Props {
  method: Method
  id?: string
  value?: readonly ParameterRow[]
  onChange?: (rows: ParameterRow[]) => void
}

/** One row a hyper-parameter: its name, its kind, and what it may be. */
export function SpaceField({ method, id, value: rows = [], onChange }: Props) {
  const t = useText(text)
  const change = (at: number, part: Partial<ParameterRow>) =>
    onChange?.(rows.map((row, index) => (index === at ? { ...row, ...part } : row)))
  return (
    <div id={id} role="group" className="tuning-space">
      {rows.map((row, at) => (
        <Row
          key={at}
          row={row}
          isGrid={method === 'grid'}
          onChange={(part) => change(at, part)}
          onRemove={() => onChange?.(rows.filter((_, index) => index !== at))}
        />
      ))}
      <Button
        type="dashed"
        icon={<PlusOutlined aria-hidden />}
        onClick={() => onChange?.([...rows, NEW_ROW])}
      >
        {t('space.add')}
      </Button>
    </div>
  )
}

interface RowProps {
  row: ParameterRow
  isGrid: boolean
  onChange: (part: Partial<ParameterRow>) => void
  onRemove: () => void
}

function Row({ row, isGrid, onChange, onRemove }: RowProps) {
  const t = useText(text)
  const kinds = (['float', 'integer', 'choice'] as const).map((kind) => ({
    value: kind,
    label: t(`kind.${kind}`),
  }))
  return (
    <fieldset className="tuning-parameter" aria-label={row.name || t('parameter')}>
      <Input
        className="sw-mono tuning-name"
        aria-label={t('parameter')}
        placeholder="lr"
        maxLength={100}
        value={row.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <Select
        className="tuning-kind"
        aria-label={t('kind')}
        value={row.kind}
        options={kinds}
        onChange={(kind) => onChange({ kind })}
      />
      {row.kind === 'choice' ? (
        <Select
          className="tuning-values"
          mode="tags"
          open={false}
          suffix={null}
          aria-label={t('values')}
          placeholder={t('valuesHint')}
          tokenSeparators={[',', ' ']}
          value={row.values}
          onChange={(values: string[]) => onChange({ values })}
        />
      ) : (
        <Range row={row} isGrid={isGrid} onChange={onChange} />
      )}
      <Button
        type="text"
        icon={<DeleteOutlined aria-hidden />}
        aria-label={t('space.remove', { name: row.name || t('parameter') })}
        onClick={onRemove}
      />
    </fieldset>
  )
}

function Range({ row, isGrid, onChange }: Omit<RowProps, 'onRemove'>) {
  const t = useText(text)
  const whole = row.kind === 'integer' ? { precision: 0 } : {}
  return (
    <span className="tuning-range">
      <InputNumber
        aria-label={t('low')}
        placeholder={t('low')}
        value={row.low}
        onChange={(low) => onChange({ low })}
        {...whole}
      />
      <span aria-hidden>–</span>
      <InputNumber
        aria-label={t('high')}
        placeholder={t('high')}
        value={row.high}
        onChange={(high) => onChange({ high })}
        {...whole}
      />
      <Checkbox checked={row.log} onChange={(event) => onChange({ log: event.target.checked })}>
        {t('log')}
      </Checkbox>
      {isGrid ? (
        <InputNumber
          className="tuning-points"
          aria-label={t('points')}
          placeholder={t('points')}
          min={1}
          max={200}
          precision={0}
          value={row.points}
          onChange={(points) => onChange({ points })}
        />
      ) : null}
    </span>
  )
}
