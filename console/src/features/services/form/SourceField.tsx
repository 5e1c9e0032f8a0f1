import { useQuery } from '@tanstack/react-query'
import { AutoComplete, Segmented, Select } from 'antd'
import { useState } from 'react'
import {
  folderChoices,
  modelChoices,
  modelVersions,
  oneModelVersion,
} from '@/features/training/sources'
import { useText } from '@/base/text'
import type { Source } from '../queries'
import { text } from './text'

interface Props {
  id?: string
  value?: Source
  onChange?: (source: Source) => void
  kinds: readonly Source['kind'][]
}

/** Where model files come from: a version in the repository, a folder, or nowhere. */
export function SourceField({ id, value, onChange, kinds }: Props) {
  const t = useText(text)
  const { kind, ref } = value ?? { kind: 'none', ref: '' }
  return (
    <div className="sw-stack services-source" id={id}>
      <Segmented<Source['kind']>
        value={kind}
        onChange={(next) => onChange?.({ kind: next, ref: '' })}
        options={kinds.map((one) => ({ value: one, label: t(`source.${one}`) }))}
      />
      {kind === 'registry' ? (
        <VersionPicker value={ref} onChange={(next) => onChange?.({ kind, ref: next })} />
      ) : null}
      {kind === 'storage' ? (
        <FolderPicker value={ref} onChange={(next) => onChange?.({ kind, ref: next })} />
      ) : null}
    </div>
  )
}

interface PickerProps {
  value: string
  onChange: (value: string) => void
}

/** First the model, then its version; the newest one that is ready is taken by itself. */
export function VersionPicker({ value, onChange }: PickerProps) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const known = useQuery({ ...oneModelVersion(value), enabled: value !== '' })
  const model = chosen ?? known.data?.model_id ?? null
  const models = useQuery(modelChoices(search))
  const versions = useQuery({ ...modelVersions(model ?? ''), enabled: model !== null })
  const names = (models.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))
  const own = known.data
  const missing = own !== undefined && names.every((one) => one.value !== own.model_id)
  const chooseModel = (id: string) => {
    setChosen(id)
    const newest = models.data?.items.find((one) => one.id === id)?.newest
    onChange(newest?.id ?? '')
  }
  return (
    <div className="services-pair">
      <Select
        aria-label={t('source.model')}
        placeholder={t('source.model')}
        showSearch={{ filterOption: false, onSearch: setSearch }}
        loading={models.isFetching}
        value={model}
        onChange={chooseModel}
        options={missing ? [{ value: own.model_id, label: own.model_name }, ...names] : names}
      />
      <Select
        aria-label={t('source.version')}
        placeholder={t('source.version')}
        disabled={model === null}
        loading={versions.isFetching}
        value={value === '' ? null : value}
        onChange={onChange}
        options={(versions.data?.items ?? []).map(({ id, version, format }) => ({
          value: id,
          label: `${version} · ${format}`,
        }))}
      />
    </div>
  )
}

export function FolderPicker({ value, onChange }: PickerProps) {
  const t = useText(text)
  const { data } = useQuery(folderChoices(value))
  return (
    <AutoComplete
      className="sw-mono"
      aria-label={t('source.storage')}
      placeholder={t('source.address')}
      value={value}
      onChange={onChange}
      options={(data ?? [])
        .filter((address) => address.startsWith(value))
        .map((address) => ({ value: address }))}
    />
  )
}
