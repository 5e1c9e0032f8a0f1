import { useQuery } from '@tanstack/react-query'
import { Checkbox, Input, Segmented, Skeleton } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { linkable, type Linked } from './queries'
import { text } from './text'

interface Props {
  value?: string[]
  onChange?: (ids: string[]) => void
}

type Side = 'own' | 'preset'

/** Services of both kinds, several of each; only running ones can be added. */
export function ServicePicker({ value = [], onChange }: Props) {
  const t = useText(text)
  const [side, setSide] = useState<Side>('own')
  const [words, setWords] = useState('')
  const { data, error, refetch } = useQuery(linkable())
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton active paragraph={{ rows: 3 }} title={false} />
  const toggle = (id: string) =>
    onChange?.(value.includes(id) ? value.filter((one) => one !== id) : [...value, id])
  const picked = (some: readonly Linked[]) => some.filter(({ id }) => value.includes(id)).length
  const label = (kind: Side) =>
    `${t(`services.${kind}`)} ${picked(data[kind])}/${data[kind].length}`
  const shown = data[side].filter((one) =>
    `${one.name} ${one.id} ${one.models.join(' ')}`.toLowerCase().includes(words.toLowerCase()),
  )
  return (
    <div className="groups-picker">
      <div className="sw-row">
        <Segmented<Side>
          value={side}
          onChange={setSide}
          options={(['own', 'preset'] as const).map((kind) => ({
            value: kind,
            label: label(kind),
          }))}
        />
        <Input
          type="search"
          allowClear
          placeholder={t('services.find')}
          aria-label={t('services.find')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      <div className="groups-choices" role="group" aria-label={t(`services.${side}`)}>
        {shown.length === 0 ? <span className="sw-faint">{t('services.none')}</span> : null}
        {shown.map((one) => (
          <Choice
            key={one.id}
            of={one}
            checked={value.includes(one.id)}
            onToggle={() => toggle(one.id)}
          />
        ))}
      </div>
    </div>
  )
}

function Choice(props: { of: Linked; checked: boolean; onToggle: () => void }) {
  const { of, checked, onToggle } = props
  const t = useText(text)
  const runs = of.state === 'Normal'
  return (
    <Checkbox checked={checked} disabled={!runs && !checked} onChange={onToggle}>
      {of.name}{' '}
      <small className="sw-faint">
        {of.models.join(', ') || of.id}
        {runs ? '' : ` · ${t('services.notRunning')}`}
      </small>
    </Checkbox>
  )
}
