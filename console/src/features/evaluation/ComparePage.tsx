import { RadarChartOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Checkbox, Select, Skeleton } from 'antd'
import { useState } from 'react'
import { Navigate, useSearchParams } from 'react-router'
import { currentProject } from '@/api/project'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { CompareResult } from './CompareResult'
import { lineNames } from './compareData'
import { comparable, comparison, type CompareForm, type Comparison } from './queries'
import { text } from './text'
import './evaluation.css'

const MOST = 10

/** What is applied stands in the address (`?id=…&set=…&model=…`) and is found again next time. */
export function ComparePage() {
  const t = useText(text)
  const [query, setQuery] = useSearchParams()
  const applied = formOf(query)
  const { data, error, isPlaceholderData } = useQuery({
    ...comparison(applied),
    enabled: applied.ids.length > 0,
  })
  const apply = (form: CompareForm) => {
    const next = new URLSearchParams()
    for (const id of form.ids) next.append('id', id)
    for (const set of form.sets ?? []) next.append('set', set)
    for (const model of form.models ?? []) next.append('model', model)
    for (const name of ['metric', 'axes', 'absolute']) {
      const value = query.get(name)
      if (value !== null) next.set(name, value)
    }
    remember(next)
    setQuery(next)
  }
  const last = query.has('id') ? '' : lastApplied()
  if (last !== '') return <Navigate to={`?${last}`} replace />
  return (
    <Page
      title={t('compare.title')}
      description={t('compare.lead')}
      back={{ to: '/evaluations', label: t('title') }}
    >
      <div className="evaluation-compare">
        <Choices key={query.getAll('id').join()} applied={applied} onApply={apply} />
        <div className="sw-stack">
          {error !== null ? <ErrorState error={error} /> : null}
          {applied.ids.length === 0 ? (
            <Panel>
              <EmptyState
                icon={<RadarChartOutlined aria-hidden />}
                title={t('compare.none')}
                hint={t('compare.noneHint')}
              />
            </Panel>
          ) : data === undefined ? (
            error === null ? (
              <Skeleton active paragraph={{ rows: 10 }} />
            ) : null
          ) : (
            <CompareResult found={data} stale={isPlaceholderData} />
          )}
        </div>
      </div>
    </Page>
  )
}

function formOf(query: URLSearchParams): CompareForm {
  const sets = query.getAll('set')
  const models = query.getAll('model')
  return {
    ids: query.getAll('id'),
    sets: sets.length > 0 ? sets : null,
    models: models.length > 0 ? models : null,
    metric: query.get('metric'),
  }
}

/** The last choice of this browser in this project, for a visit without one. */
function lastApplied(): string {
  return localStorage.getItem(lastKey()) ?? ''
}

function lastKey(): string {
  return `slipway.comparison.${currentProject() ?? ''}`
}

function remember(query: URLSearchParams): void {
  try {
    localStorage.setItem(lastKey(), query.toString())
  } catch {
    // No room: the address has it all the same.
  }
}

interface ChoicesProps {
  applied: CompareForm
  onApply: (form: CompareForm) => void
}

/** Evaluations, then what of them; nothing moves before Apply. */
function Choices({ applied, onApply }: ChoicesProps) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const [ids, setIds] = useState(applied.ids)
  const [sets, setSets] = useState(applied.sets ?? null)
  const [models, setModels] = useState(applied.models ?? null)
  const list = useQuery(comparable(search))
  const all = useQuery({ ...comparison({ ids, sets: [], models: [] }), enabled: ids.length > 0 })
  const offered = ids.length > 0 ? all.data : undefined
  const chosenSets = sets ?? offered?.sets ?? []
  const chosenModels = models ?? offered?.models.map(({ key }) => key) ?? []
  const nothing = chosenSets.length === 0 || chosenModels.length === 0
  const blocked = ids.length === 0 ? t('compare.none') : nothing ? t('compare.nothing') : null
  const choose = (next: string[]) => {
    setIds(next.slice(0, MOST))
    setSets(null)
    setModels(null)
  }
  return (
    <Panel>
      <div className="sw-stack evaluation-choices">
        <label>
          <span className="sw-faint">{t('compare.choose')}</span>
          <Select
            mode="multiple"
            aria-label={t('compare.choose')}
            placeholder={t('compare.choosePlaceholder')}
            maxCount={MOST}
            showSearch={{ filterOption: false, onSearch: setSearch }}
            value={ids}
            onChange={choose}
            options={(list.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          />
        </label>
        {all.error !== null && ids.length > 0 ? <ErrorState error={all.error} /> : null}
        {offered === undefined ? null : (
          <>
            <Ticks
              title={t('sets')}
              options={offered.sets.map((set) => ({ value: set, label: set }))}
              value={chosenSets}
              onChange={setSets}
            />
            <Ticks
              title={t('models')}
              options={modelOptions(offered)}
              value={chosenModels}
              onChange={setModels}
            />
          </>
        )}
        <ActionButton
          action={{
            key: 'apply',
            label: t('compare.apply'),
            primary: true,
            blocked,
            run: () => onApply({ ids, sets, models }),
          }}
        />
        <small className="sw-faint">{t('compare.pending')}</small>
      </div>
    </Panel>
  )
}

function modelOptions({ models }: Comparison) {
  const names = lineNames(models)
  return models.map(({ key }, at) => ({ value: key, label: names[at] ?? key }))
}

interface TicksProps {
  title: string
  options: { value: string; label: string }[]
  value: string[]
  onChange: (value: string[]) => void
}

function Ticks({ title, options, value, onChange }: TicksProps) {
  return (
    <fieldset className="evaluation-ticks">
      <legend className="sw-faint">{title}</legend>
      <Checkbox.Group value={value} options={options} onChange={onChange} />
    </fieldset>
  )
}
