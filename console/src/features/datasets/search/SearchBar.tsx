import { BarChartOutlined, QuestionCircleOutlined, SaveOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Popover, Select } from 'antd'
import { useApiMutation } from '@/api/queries'
import { useText, type KeyOf, type Translate } from '@/base/text'
import { analysisList, startAnalysis } from '../analysis/queries'
import type { PreviewState } from '../preview/previewState'
import { searchFields, type SearchField } from './queries'
import { text } from './text'

interface Props {
  id: string
  number: number
  state: PreviewState
  onFacets: () => void
  onSave: () => void
}

/** Words or conditions, an order, and what can be made of the result. */
export function SearchBar({ id, number, state, onFacets, onSave }: Props) {
  const t = useText(text)
  const index = useIndex(id, number)
  const fields = useQuery({ ...searchFields(id, number), enabled: index.ready }).data?.items ?? []
  const search = (q: string) => {
    index.want()
    state.change({ q: q.trim() || null })
  }
  return (
    <div className="datasets-search">
      <Input.Search
        key={state.q}
        allowClear
        defaultValue={state.q}
        placeholder={t('hint')}
        aria-label={t('search')}
        suffix={<Help />}
        onFocus={index.want}
        onSearch={search}
      />
      <Select<string>
        aria-label={t('order')}
        value={state.order}
        popupMatchSelectWidth={false}
        onOpenChange={(open) => open && index.want()}
        onChange={(order) => state.change({ order: order || null })}
        showSearch={{ optionFilterProp: 'label' }}
        options={[
          { value: '', label: t('asStored') },
          ...fields.flatMap((field) => orders(field, t)),
        ]}
      />
      <Button
        icon={<BarChartOutlined aria-hidden />}
        onClick={() => {
          index.want()
          onFacets()
        }}
      >
        {t('facets')}
      </Button>
      <Button icon={<SaveOutlined aria-hidden />} disabled={state.q === ''} onClick={onSave}>
        {t('save')}
      </Button>
    </div>
  )
}

function orders({ name, type }: SearchField, t: Translate<KeyOf<typeof text>>) {
  const words = { field: name }
  const whole = [
    { value: name, label: t('rising', words) },
    { value: `-${name}`, label: t('falling', words) },
  ]
  if (type === 'number' || type === 'bool') return whole
  return [
    { value: `-len(${name})`, label: t('longest', words) },
    { value: `len(${name})`, label: t('shortest', words) },
    ...(type === 'text' ? whole : []),
  ]
}

/** Whether the version can be searched, and a way to have it made so. */
export function useIndex(id: string, number: number) {
  const analyses = useQuery(analysisList(id, number)).data?.items
  const start = useApiMutation(startAnalysis, ['dataset'])
  const found = analyses?.find(({ kind }) => kind === 'index')
  return {
    ready: found?.state === 'done',
    percent: found?.state === 'running' ? (found.progress_percent ?? 0) : null,
    reason: found?.state === 'failed' ? found.reason : null,
    want: () => {
      if (analyses !== undefined && found === undefined && start.isIdle) {
        start.mutate({ id, number, kind: 'index' })
      }
    },
  }
}

const HELP = [
  ['word "two words"', 'help.word'],
  ['lang = zh', 'help.equal'],
  ['answer ~ part', 'help.part'],
  ['len(answer) > 200', 'help.length'],
  ['lang in (zh, en)', 'help.in'],
  ['answer is empty', 'help.empty'],
  ['(a or b) and not c', 'help.logic'],
] as const

function Help() {
  const t = useText(text)
  return (
    <Popover
      trigger="click"
      title={t('help')}
      content={
        <dl className="datasets-help">
          {HELP.map(([example, words]) => (
            <div key={example}>
              <dt>
                <code>{example}</code>
              </dt>
              <dd>{t(words)}</dd>
            </div>
          ))}
        </dl>
      }
    >
      <Button
        type="text"
        size="small"
        icon={<QuestionCircleOutlined aria-hidden />}
        aria-label={t('help')}
      />
    </Popover>
  )
}
