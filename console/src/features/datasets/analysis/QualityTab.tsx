import { useQuery } from '@tanstack/react-query'
import { Form, Select, Skeleton, Tooltip } from 'antd'
import { useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Count } from '@/ui/Quantity'
import { KINDS } from '../kinds'
import { datasetList, type Dataset } from '../queries'
import { AnalysisGate } from './AnalysisGate'
import { quality, type Quality } from './queries'
import { text } from './text'

interface Props {
  dataset: Dataset
  number: number
}

export function QualityTab({ dataset, number }: Props) {
  const t = useText(text)
  const [against, setAgainst] = useState<string[]>([])
  const records = KINDS[dataset.kind].shape === 'record'
  return (
    <AnalysisGate
      id={dataset.id}
      number={number}
      kind="quality"
      title={t('quality.title')}
      hint={t('quality.hint')}
      form={against.length > 0 ? { against } : {}}
      options={records ? <Against own={dataset.id} value={against} onChange={setAgainst} /> : null}
    >
      {(again) => <Result dataset={dataset} number={number} again={again} />}
    </AnalysisGate>
  )
}

interface AgainstProps {
  own: string
  value: string[]
  onChange: (ids: string[]) => void
}

function Against({ own, value, onChange }: AgainstProps) {
  const t = useText(text)
  const found = useQuery(datasetList({ limit: 200, order: '-created_at' })).data?.items ?? []
  return (
    <Form.Item
      label={t('quality.against')}
      extra={t('quality.againstHint')}
      layout="vertical"
      className="datasets-against"
    >
      <Select<string[]>
        mode="multiple"
        aria-label={t('quality.against')}
        value={value}
        onChange={onChange}
        maxCount={20}
        showSearch={{ optionFilterProp: 'label' }}
        options={found
          .filter(({ id, kind, latest_version: v }) => {
            return id !== own && v !== null && KINDS[kind].shape === 'record'
          })
          .map(({ id, name }) => ({ value: id, label: name }))}
      />
    </Form.Item>
  )
}

function Result({ dataset, number, again }: Props & { again: ReactNode }) {
  const query = useQuery(quality(dataset.id, number))
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  if (query.data === undefined) return <Skeleton active />
  const path = `/datasets/${dataset.id}/preview?v=${number}`
  return KINDS[dataset.kind].shape === 'image' ? (
    <Pictures found={query.data} path={path} again={again} />
  ) : (
    <Records found={query.data} path={path} again={again} />
  )
}

interface PartProps {
  found: Quality
  path: string
  again?: ReactNode
}

function Records({ found, path, again }: PartProps) {
  const t = useText(text)
  return (
    <div className="sw-stack">
      <Copies title={t('copies.exact')} copies={found.exact} path={path} again={again} />
      <Copies title={t('copies.near')} copies={found.near} path={path} />
      <Personal found={found} path={path} />
      <Overlap found={found} path={path} />
      <Gaps found={found} path={path} />
      <Languages found={found} />
      <Imbalance found={found} />
    </div>
  )
}

function Pictures({ found, path, again }: PartProps) {
  const t = useText(text)
  return (
    <div className="sw-stack">
      <Copies title={t('copies.pictures')} copies={found.near} path={path} again={again} />
      <Panel title={t('broken')} flush={found.broken_count > 0}>
        {found.broken_count === 0 ? (
          <Good />
        ) : (
          <DataTable
            label={t('broken')}
            rows={found.broken}
            rowKey={({ index }) => String(index)}
            columns={[
              { key: 'path', title: t('path'), render: (one) => <code>{one.path}</code> },
              { key: 'reason', title: t('reason'), render: ({ reason }) => reason },
            ]}
          />
        )}
      </Panel>
      <Panel
        title={t('tiny')}
        flush={found.tiny_count > 0}
        actions={
          found.box_count > 0 ? (
            <span className="sw-faint">
              {t('tiny.of', { count: found.tiny_count, all: found.box_count })}
            </span>
          ) : null
        }
      >
        {found.tiny_count === 0 ? (
          <Good />
        ) : (
          <DataTable
            label={t('tiny')}
            rows={found.tiny.map((one, at) => ({ ...one, at }))}
            rowKey={({ at }) => String(at)}
            columns={[
              { key: 'path', title: t('path'), render: (one) => <code>{one.path}</code> },
              { key: 'label', title: t('label'), render: ({ label }) => label },
              {
                key: 'size',
                title: t('size'),
                align: 'right',
                render: ({ width, height }) => (
                  <span className="sw-num">{`${width.toFixed(1)} × ${height.toFixed(1)}`}</span>
                ),
              },
            ]}
          />
        )}
      </Panel>
      <Imbalance found={found} />
    </div>
  )
}

function Good() {
  return <span className="sw-faint">✓ {useText(text)('quality.good')}</span>
}

interface CopiesProps {
  title: string
  copies: Quality['near']
  path: string
  again?: ReactNode
}

function Copies({ title, copies, path, again }: CopiesProps) {
  const t = useText(text)
  if (copies === null || copies === undefined) return null
  return (
    <Panel title={title} actions={again}>
      {copies.count === 0 ? (
        <Good />
      ) : (
        <div className="sw-stack">
          <span>{t('copies.count', { count: copies.count, groups: copies.group_count })}</span>
          <ul className="datasets-groups" aria-label={t('copies.group')}>
            {copies.groups.slice(0, 10).map((group) => (
              <li key={group[0]}>
                <Numbers numbers={group} path={path} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  )
}

/** Numbers of samples, each leading to the page of the preview that shows it. */
function Numbers({ numbers, path }: { numbers: readonly number[]; path: string }) {
  return (
    <span className="datasets-numbers sw-num">
      {numbers.slice(0, 10).map((one) => (
        <Link key={one} to={`${path}&size=10&page=${Math.floor(one / 10) + 1}`}>
          {one + 1}
        </Link>
      ))}
    </span>
  )
}

function Personal({ found, path }: PartProps) {
  const t = useText(text)
  return (
    <Panel title={t('personal')} flush={found.personal.length > 0}>
      {found.personal.length === 0 ? (
        <Good />
      ) : (
        <DataTable
          label={t('personal')}
          rows={found.personal}
          rowKey={({ kind }) => kind}
          columns={[
            {
              key: 'kind',
              title: t('personal.kind'),
              render: ({ kind }) => t(`personal.${kind as 'email'}`),
            },
            {
              key: 'count',
              title: t('personal.count'),
              align: 'right',
              render: ({ count }) => <Count value={count} />,
            },
            {
              key: 'records',
              title: t('personal.records'),
              align: 'right',
              render: ({ records }) => <Count value={records} />,
            },
            {
              key: 'examples',
              title: t('personal.examples'),
              render: ({ examples }) => (
                <span className="datasets-numbers">
                  {examples.slice(0, 4).map(({ index, text: masked }) => (
                    <Link key={index} to={`${path}&size=10&page=${Math.floor(index / 10) + 1}`}>
                      <code>{masked}</code>
                    </Link>
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </Panel>
  )
}

function Overlap({ found, path }: PartProps) {
  const t = useText(text)
  return (
    <Panel title={t('overlap')} flush={found.overlap.length > 0}>
      {found.overlap.length === 0 ? (
        <span className="sw-faint">{t('overlap.none')}</span>
      ) : (
        <DataTable
          label={t('overlap')}
          rows={found.overlap}
          rowKey={({ dataset_id: id }) => id}
          columns={[
            {
              key: 'set',
              title: t('overlap.set'),
              render: ({ dataset_id: id, name, version }) => (
                <Link to={`/datasets/${id}`}>{`${name} v${version}`}</Link>
              ),
            },
            {
              key: 'exact',
              title: t('overlap.exact'),
              align: 'right',
              render: ({ exact }) => <Count value={exact} />,
            },
            {
              key: 'near',
              title: t('overlap.near'),
              align: 'right',
              render: ({ near }) => <Count value={near} />,
            },
            {
              key: 'examples',
              title: t('overlap.examples'),
              render: ({ examples }) => <Numbers numbers={examples} path={path} />,
            },
          ]}
        />
      )}
    </Panel>
  )
}

function Gaps({ found, path }: PartProps) {
  const t = useText(text)
  const wanting = found.fields.filter(({ missing, empty, cut }) => missing + empty + cut > 0)
  return (
    <Panel title={t('gaps')} flush={wanting.length > 0}>
      {wanting.length === 0 ? (
        <Good />
      ) : (
        <DataTable
          label={t('gaps')}
          rows={wanting}
          rowKey={({ name }) => name}
          columns={[
            { key: 'field', title: t('field'), render: ({ name }) => <code>{name}</code> },
            ...(['missing', 'empty', 'cut'] as const).map((key) => ({
              key,
              title: key === 'cut' ? <Tooltip title={t('cutHint')}>{t(key)}</Tooltip> : t(key),
              align: 'right' as const,
              render: (one: (typeof wanting)[number]) => <Count value={one[key]} />,
            })),
            {
              key: 'examples',
              title: t('overlap.examples'),
              render: ({ empty_examples: empty, cut_examples: cut }) => (
                <Numbers numbers={[...empty, ...cut].slice(0, 6)} path={path} />
              ),
            },
          ]}
        />
      )}
    </Panel>
  )
}

function Languages({ found }: { found: Quality }) {
  const t = useText(text)
  return (
    <Panel title={t('languages')} flush>
      <DataTable
        label={t('languages')}
        rows={found.languages}
        rowKey={([code]) => code}
        columns={[
          { key: 'language', title: t('language'), render: ([code]) => <code>{code}</code> },
          {
            key: 'count',
            title: t('count'),
            align: 'right',
            render: ([, count]) => <Count value={count} />,
          },
          {
            key: 'share',
            title: t('share'),
            align: 'right',
            render: ([, count]) => (
              <span className="sw-num">{((100 * count) / found.samples).toFixed(2)}%</span>
            ),
          },
        ]}
      />
    </Panel>
  )
}

function Imbalance({ found: { labels } }: { found: Quality }) {
  const t = useText(text)
  if (!labels) return null
  return (
    <Panel title={t('imbalance')}>
      <div className="sw-stack">
        <span>
          {t('imbalance.said', {
            most: labels.most[0],
            mostCount: labels.most[1],
            least: labels.least[0],
            leastCount: labels.least[1],
            ratio: labels.ratio,
          })}
        </span>
        {labels.rare.length > 0 ? (
          <span>
            {t('imbalance.rare')}: {labels.rare.map(([name, n]) => `${name} (${n})`).join(', ')}
          </span>
        ) : null}
      </div>
    </Panel>
  )
}
