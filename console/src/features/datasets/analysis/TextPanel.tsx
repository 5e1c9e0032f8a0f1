import { useQuery } from '@tanstack/react-query'
import { Form, Input, Segmented, Skeleton, Switch } from 'antd'
import { useState, type ReactNode } from 'react'
import { useText } from '@/base/text'
import { BarChart } from '@/ui/charts/Chart'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Histogram } from '../Histogram'
import type { Numbers } from '../queries'
import { AnalysisGate } from './AnalysisGate'
import { textStatistics, type TextStatistics } from './queries'
import { text } from './text'

const SHOWN_WORDS = 30

/** Length histograms and word frequencies of each text field. */
export function TextPanel({ id, number }: { id: string; number: number }) {
  const t = useText(text)
  const [tokenizer, setTokenizer] = useState('')
  const field = (
    <Form.Item label={t('text.tokenizer')} extra={t('text.tokenizerHint')} layout="vertical">
      <Input value={tokenizer} onChange={(event) => setTokenizer(event.target.value)} />
    </Form.Item>
  )
  return (
    <AnalysisGate
      id={id}
      number={number}
      kind="text"
      title={t('text.title')}
      hint={t('text.hint')}
      form={tokenizer.trim() === '' ? {} : { tokenizer: tokenizer.trim() }}
      options={field}
    >
      {(again) => <Result id={id} number={number} again={again} />}
    </AnalysisGate>
  )
}

interface ResultProps {
  id: string
  number: number
  again: ReactNode
}

function Result({ id, number, again }: ResultProps) {
  const query = useQuery(textStatistics(id, number))
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  if (query.data === undefined) return <Skeleton active />
  return <Fields found={query.data} again={again} />
}

function Fields({ found, again }: { found: TextStatistics; again: ReactNode }) {
  const t = useText(text)
  const [name, setName] = useState(longest(found)?.name)
  const [stop, setStop] = useState(false)
  const field = found.fields.find((one) => one.name === name)
  if (field === undefined) return null
  const words = (stop ? field.all_words : field.words).slice(0, SHOWN_WORDS)
  const tokenizer = found.tokenizer === 'estimate' ? t('text.estimate') : found.tokenizer
  return (
    <Panel title={t('text.title')} actions={again}>
      <div className="sw-stack">
        <span>
          <Segmented
            aria-label={t('text.field')}
            value={name}
            onChange={setName}
            options={found.fields.map((one) => one.name)}
          />
        </span>
        <div className="sw-grid">
          <Lengths label={t('text.chars')} numbers={field.chars} />
          <Lengths label={t('text.tokens', { tokenizer })} numbers={field.tokens} />
        </div>
        <div className="datasets-line">
          <strong>{t('text.words')}</strong>
          <label className="datasets-switch">
            <Switch size="small" checked={stop} onChange={setStop} />
            {t('text.stop')}
          </label>
        </div>
        {words.length === 0 ? (
          <span className="sw-faint">{t('text.noWords')}</span>
        ) : (
          <BarChart
            label={t('text.words')}
            horizontal
            height={40 + words.length * 22}
            categories={words.map(([word]) => word)}
            series={[{ name: t('count'), values: words.map(([, count]) => count) }]}
          />
        )}
      </div>
    </Panel>
  )
}

/** The field that says most. */
function longest({ fields }: TextStatistics) {
  return [...fields].sort((a, b) => (b.chars?.mean ?? 0) - (a.chars?.mean ?? 0))[0]
}

function Lengths({ label, numbers }: { label: string; numbers: Numbers | null }) {
  if (numbers === null) return null
  return (
    <div>
      <strong>{label}</strong>
      <Histogram label={label} numbers={numbers} />
    </div>
  )
}
