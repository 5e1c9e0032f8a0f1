import { useQuery } from '@tanstack/react-query'
import { Drawer, Select, Skeleton } from 'antd'
import { useState } from 'react'
import type { Schema } from '@/api/types'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Count } from '@/ui/Quantity'
import { pageText } from './pageText'
import { versionChanges, type Sample, type Version } from './queries'

interface Props {
  id: string
  number: number | null
  versions: readonly Version[]
  onClose: () => void
}

/** What differs from another version: samples first, then files. */
export function ChangesDrawer({ id, number, versions, onClose }: Props) {
  const p = useText(pageText)
  const [chosen, setChosen] = useState<number | null>(null)
  const query = useQuery({ ...versionChanges(id, number ?? 0, chosen), enabled: number !== null })
  const since = query.data?.since
  const others = versions.filter((one) => one.state === 'available' && one.number !== number)
  return (
    <Drawer
      open={number !== null}
      size={760}
      title={p('changes.title', { version: `v${number ?? ''}`, since: `v${since ?? '…'}` })}
      onClose={onClose}
      destroyOnHidden
      extra={
        <Select<number>
          aria-label={p('changes.with')}
          value={chosen ?? since}
          onChange={setChosen}
          options={others.map(({ number: one, name }) => ({ value: one, label: name }))}
        />
      }
    >
      {query.error !== null ? <ErrorState error={query.error} /> : null}
      {query.data !== undefined ? <Changes changes={query.data} /> : null}
      {query.isLoading ? <Skeleton active /> : null}
    </Drawer>
  )
}

type ChangesView = Schema<'ChangesView'>

const PARTS = [
  { key: 'added', tone: 'good', sign: '+' },
  { key: 'removed', tone: 'bad', sign: '−' },
  { key: 'changed', tone: 'warn', sign: '±' },
] as const

function Changes({ changes }: { changes: ChangesView }) {
  const p = useText(pageText)
  const parts = PARTS.filter(({ key }) => changes[key].count > 0)
  if (parts.length === 0) return <EmptyState title={p('changes.none')} />
  return (
    <div className="sw-stack">
      {changes.samples ? <SampleChanges samples={changes.samples} /> : null}
      <h2 className="datasets-change-head">{p('changes.files')}</h2>
      {parts.map(({ key, tone, sign }) => (
        <section key={key} data-tone={tone} className="datasets-change">
          <h3>
            {p(`changes.${key}`)} <Count value={changes[key].count} />
          </h3>
          <ul>
            {changes[key].paths.map((path) => (
              <li key={path}>
                <span aria-hidden>{sign}</span> {path}
              </li>
            ))}
          </ul>
          {changes[key].count > changes[key].paths.length ? (
            <small className="sw-faint">
              {p('changes.first', { count: changes[key].paths.length })}
            </small>
          ) : null}
        </section>
      ))}
    </div>
  )
}

function SampleChanges({ samples }: { samples: NonNullable<ChangesView['samples']> }) {
  const p = useText(pageText)
  return (
    <section>
      <h2 className="datasets-change-head">{p('changes.samples')}</h2>
      <dl className="datasets-figures">
        {PARTS.map(({ key }) => (
          <div key={key}>
            <dt>{p(`changes.${key}`)}</dt>
            <dd>
              <Count value={samples[`${key}_count`]} />
            </dd>
          </div>
        ))}
      </dl>
      <ol className="datasets-pairs" aria-label={p('changes.examples')}>
        {samples.examples.map(({ old, new: now }, at) => (
          <li key={at}>
            <Side sample={old} other={now} tone="bad" label={p('changes.before')} />
            <Side sample={now} other={old} tone="good" label={p('changes.after')} />
          </li>
        ))}
      </ol>
    </section>
  )
}

interface SideProps {
  sample: Sample | null
  other: Sample | null
  tone: 'good' | 'bad'
  label: string
}

/** One sample; of two, only the fields that differ. */
function Side({ sample, other, tone, label }: SideProps) {
  if (sample === null) return <div className="datasets-side" />
  const shown = fieldsOf(sample)
  const compared = other === null ? new Map<string, string>() : new Map(fieldsOf(other))
  const differing = shown.filter(([name, value]) => compared.get(name) !== value)
  return (
    <div className="datasets-side" data-tone={tone} aria-label={label}>
      <small className="sw-faint sw-num">{sample.index + 1}</small>
      {'thumbnail_url' in sample ? <img src={sample.thumbnail_url} alt="" loading="lazy" /> : null}
      {(differing.length > 0 ? differing : shown).map(([name, value]) => (
        <p key={name}>
          <b>{name}</b> {value}
        </p>
      ))}
    </div>
  )
}

function fieldsOf(sample: Sample): [string, string][] {
  switch (sample.kind) {
    case 'record':
    case 'row':
      return Object.entries(sample.fields).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
    case 'image':
      return [
        ['path', sample.path],
        ['labels', [...sample.labels, ...sample.boxes.map(({ label }) => label)].join(', ')],
      ]
    case 'file':
      return [['path', sample.path]]
  }
}
