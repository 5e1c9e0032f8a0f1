import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { formatDuration, formatMetric } from '@/base/format'
import { useText } from '@/base/text'
import { ErrorState } from '@/ui/ErrorState'
import { Sentence } from '@/ui/Sentence'
import { METRICS, sampleList, type EvaluationDetail, type SampleOf } from './queries'
import { Verdict } from './tabs/SamplesTab'
import { text } from './text'

interface Props {
  evaluation: EvaluationDetail
  set: string
  index: number
}

/** One question, what was expected, and what each model answered. */
export function SideBySide({ evaluation, set, index }: Props) {
  const t = useText(text)
  const { data, error } = useQuery(sampleList(evaluation.id, { set: [set], index, limit: 50 }))
  if (error !== null) return <ErrorState error={error} />
  const first = data?.items[0]
  if (data === undefined || first === undefined) return <Skeleton active />
  return (
    <div className="sw-stack">
      {first.prompt.map(({ role, content }, at) => (
        <Part key={at} title={roleWords(role ?? '', t)} words={content ?? ''} />
      ))}
      <Part title={t('expected')} words={first.reference} />
      <div className="evaluation-side">
        {data.items.map((one) => (
          <Answer key={one.model} sample={one} />
        ))}
      </div>
    </div>
  )
}

function roleWords(
  role: string,
  t: (key: 'role.system' | 'role.user' | 'role.assistant') => string,
) {
  if (role === 'system') return t('role.system')
  return t(role === 'assistant' ? 'role.assistant' : 'role.user')
}

function Part({ title, words }: { title: string; words: string }) {
  return (
    <section className="evaluation-part">
      <h3>{title}</h3>
      <p>{words || '–'}</p>
    </section>
  )
}

function Answer({ sample }: { sample: SampleOf }) {
  const t = useText(text)
  const figures = METRICS.flatMap((name) =>
    sample.scores[name] === undefined ? [] : [[name, sample.scores[name]] as const],
  )
  return (
    <article className="evaluation-answer">
      <header className="sw-row">
        <strong>{sample.model}</strong>
        <Verdict sample={sample} />
        <span className="sw-faint sw-num">{formatDuration(sample.time_ms / 1000)}</span>
      </header>
      <p data-tone={sample.error === null ? undefined : 'bad'}>
        {sample.error === null ? sample.output || '–' : <Sentence of={sample.error} />}
      </p>
      {sample.extracted === null || sample.extracted === sample.output ? null : (
        <small>
          {t('extracted')}: <code>{sample.extracted}</code>
        </small>
      )}
      <dl>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd className="sw-num">{formatMetric(value)}</dd>
          </div>
        ))}
      </dl>
    </article>
  )
}
