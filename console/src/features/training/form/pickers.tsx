import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { formatBytes } from '@/base/format'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { stateLabel } from '@/ui/states'
import {
  builtInModels,
  datasetChoices,
  datasetVersions,
  datasetViews,
  modelChoices,
  modelVersions,
  oneModelVersion,
} from '../sources'
import { formText } from './text'

interface DatasetProps {
  source: string
  version: string | null
  onChange: (source: string, version: string | null) => void
}

/** A dataset and one of its published versions; no version means the newest at the start. */
export function DatasetPicker({ source, version, onChange }: DatasetProps) {
  const f = useText(formText)
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery(datasetChoices(search))
  const versions = useQuery({ ...datasetVersions(source), enabled: source !== '' })
  const number = Number(/^v(\d+)/.exec(version ?? '')?.[1] ?? newestOf(versions.data?.items))
  const views = useQuery({
    ...datasetViews(source, number),
    enabled: source !== '' && number > 0,
  })
  const options = (data?.items ?? []).map((dataset) => ({
    value: dataset.id,
    label: dataset.name,
    disabled: dataset.latest_version === null,
    hint:
      dataset.latest_version === null
        ? f('pick.notPublished')
        : `v${dataset.latest_version} · ${formatBytes(dataset.size_bytes)}`,
  }))
  const published = (versions.data?.items ?? []).filter((one) => one.published_at !== null)
  return (
    <span className="training-pick">
      <Select<string, Choice>
        aria-label={f('pick.dataset')}
        placeholder={f('pick.dataset')}
        value={source === '' ? undefined : source}
        loading={isFetching}
        showSearch={{ filterOption: false, onSearch: setSearch }}
        notFoundContent={<Nothing to="/datasets" words={f('pick.noDataset')} />}
        options={options}
        optionRender={({ data: option }) => <Option {...option} />}
        onChange={(id) => onChange(id, null)}
      />
      <Select<string>
        aria-label={f('pick.version')}
        className="training-pick-version"
        value={version ?? ''}
        disabled={source === ''}
        options={[
          { value: '', label: f('pick.newest') },
          ...published.map(({ number: one }) => ({ value: `v${one}`, label: `v${one}` })),
          ...(views.data?.items ?? [])
            .filter(({ state }) => state === 'available')
            .map(({ ref }) => ({ value: ref, label: ref })),
        ]}
        onChange={(chosen) => onChange(source, chosen === '' ? null : chosen)}
      />
    </span>
  )
}

function newestOf(versions: readonly { number: number; published_at: string | null }[] = []) {
  return versions.find(({ published_at: at }) => at !== null)?.number ?? 0
}

interface BuiltInProps {
  /** The model's name. */
  source: string
  onChange: (source: string) => void
}

/** A model of the platform. */
export function BuiltInPicker({ source, onChange }: BuiltInProps) {
  const f = useText(formText)
  const { data, isFetching } = useQuery(builtInModels())
  return (
    <Select<string>
      aria-label={f('pick.builtIn')}
      placeholder={f('pick.builtIn')}
      value={source === '' ? undefined : source}
      loading={isFetching}
      showSearch
      notFoundContent={f('pick.noBuiltIn')}
      options={(data?.items ?? []).map(({ name }) => ({ value: name, label: name }))}
      onChange={onChange}
    />
  )
}

interface ModelProps {
  /** A model version's id. */
  source: string
  onChange: (source: string) => void
}

export function ModelPicker({ source, onChange }: ModelProps) {
  const f = useText(formText)
  const [search, setSearch] = useState('')
  const { data, isFetching } = useQuery(modelChoices(search))
  const [language] = usePreference('language')
  const chosen = useQuery({ ...oneModelVersion(source), enabled: source !== '' }).data
  const versions = useQuery({
    ...modelVersions(chosen?.model_id ?? ''),
    enabled: chosen !== undefined,
  })
  const models = data?.items ?? []
  const options = models.map(({ id, name, newest }) => ({
    value: id,
    label: name,
    disabled: newest?.state !== USABLE,
    hint: newest === null ? f('pick.noVersion') : versionWords(newest, language),
  }))
  const chooseModel = (id: string) => {
    const newest = models.find((model) => model.id === id)?.newest
    if (newest) onChange(newest.id)
  }
  return (
    <span className="training-pick">
      <Select<string, Choice>
        aria-label={f('pick.model')}
        placeholder={f('pick.model')}
        value={source === '' ? undefined : (chosen?.model_id ?? source)}
        loading={isFetching}
        showSearch={{ filterOption: false, onSearch: setSearch }}
        notFoundContent={<Nothing to="/models" words={f('pick.noModel')} />}
        options={withChosen(options, chosen)}
        optionRender={({ data: option }) => <Option {...option} />}
        onChange={chooseModel}
      />
      <Select<string>
        aria-label={f('pick.version')}
        className="training-pick-version"
        value={chosen === undefined ? undefined : source}
        disabled={chosen === undefined}
        options={(versions.data?.items ?? []).map(({ id, version, state }) => ({
          value: id,
          label: version,
          disabled: state !== USABLE,
        }))}
        onChange={onChange}
      />
    </span>
  )
}

/** The state of a model version whose files are all there. */
const USABLE = 'Succeeded'

function versionWords(
  { version, format, state }: { version: string; format: string; state: string },
  language: 'en' | 'zh',
): string {
  const end = state === USABLE ? format : stateLabel(state, language)
  return `${version} · ${end}`
}

interface Choice {
  value: string
  label: string
  hint: string
  disabled: boolean
}

/** A model that the search did not bring keeps its name. */
function withChosen(
  options: Choice[],
  chosen: { model_id: string; model_name: string } | undefined,
): Choice[] {
  if (chosen === undefined || options.some(({ value }) => value === chosen.model_id)) return options
  return [
    { value: chosen.model_id, label: chosen.model_name, hint: '', disabled: false },
    ...options,
  ]
}

function Option({ label, hint }: Pick<Choice, 'label' | 'hint'>) {
  return (
    <span className="sw-menu-label">
      {label}
      <small className="sw-faint">{hint}</small>
    </span>
  )
}

function Nothing({ to, words }: { to: string; words: string }) {
  return (
    <div className="sw-pad">
      <Link to={to}>{words}</Link>
    </div>
  )
}
