import { useQuery } from '@tanstack/react-query'
import { Button, Table, Tag } from 'antd'
import { Link } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, FactsSkeleton } from '@/ui/Facts'
import { Panel } from '@/ui/Page'
import { Duration } from '@/ui/Quantity'
import type { Task } from '../queries'
import { readmit, taskQuality, type Quality } from './queries'
import { text } from './text'

/** How much people agree, who is right how often, and what is disputed. */
export function QualityTab({ task }: { task: Task }) {
  const { data, error, refetch } = useQuery(taskQuality(task.id))
  if (data !== undefined) return <Loaded task={task} quality={data} />
  return (
    <Panel>
      {error === null ? (
        <FactsSkeleton />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </Panel>
  )
}

function Loaded({ task, quality }: { task: Task; quality: Quality }) {
  const t = useText(text)
  const { fields, pairs, people } = quality
  return (
    <div className="sw-stack">
      <Panel>
        {quality.records === 0 ? (
          <span className="sw-soft">{t('agreement.none')}</span>
        ) : (
          <Facts
            items={[
              { key: 'records', label: t('records'), value: quality.records },
              { key: 'agreement', label: t('agreement'), value: share(quality.agreement) },
              ...(quality.mean_iou === null
                ? []
                : [{ key: 'iou', label: t('iou'), value: figure(quality.mean_iou) }]),
            ]}
          />
        )}
      </Panel>
      {fields.length === 0 ? null : (
        <Panel title={t('fields')} flush>
          <Table
            size="small"
            rowKey="key"
            pagination={false}
            dataSource={fields}
            columns={[
              { key: 'key', title: t('field.key'), dataIndex: 'key' },
              { key: 'items', title: t('field.items'), dataIndex: 'items', align: 'right' },
              {
                key: 'exact',
                title: t('field.exact'),
                align: 'right',
                render: (_, one) => share(one.exact),
              },
              {
                key: 'fleiss',
                title: t('field.fleiss'),
                align: 'right',
                render: (_, one) => figure(one.fleiss_kappa),
              },
              {
                key: 'alpha',
                title: t('field.alpha'),
                align: 'right',
                render: (_, one) => figure(one.krippendorff_alpha),
              },
            ]}
          />
        </Panel>
      )}
      {pairs.length === 0 ? null : (
        <Panel title={t('pairs')} flush>
          <Table
            size="small"
            rowKey={(one) => `${one.first} ${one.second}`}
            pagination={pairs.length > 10 ? { pageSize: 10 } : false}
            dataSource={pairs}
            columns={[
              { key: 'first', title: t('pair.first'), dataIndex: 'first' },
              { key: 'second', title: t('pair.second'), dataIndex: 'second' },
              { key: 'items', title: t('field.items'), dataIndex: 'items', align: 'right' },
              {
                key: 'agreement',
                title: t('agreement'),
                align: 'right',
                render: (_, one) => share(one.agreement),
              },
              {
                key: 'kappa',
                title: t('pair.kappa'),
                align: 'right',
                render: (_, one) => figure(one.cohen_kappa),
              },
            ]}
          />
        </Panel>
      )}
      {people.length === 0 ? null : <People task={task} people={people} />}
      <Disputed task={task} quality={quality} />
      <Gold task={task} quality={quality} />
    </div>
  )
}

function People({ task, people }: { task: Task; people: Quality['people'] }) {
  const t = useText(text)
  const again = useApiMutation((user: string) => readmit(task.id, user), ['label-task'])
  return (
    <Panel title={t('people')} flush>
      <Table
        size="small"
        rowKey="user_id"
        pagination={people.length > 20 ? { pageSize: 20 } : false}
        dataSource={people}
        columns={[
          {
            key: 'name',
            title: t('people.name'),
            render: (_, one) => (
              <span className="sw-row">
                {one.user_name}
                {one.paused ? (
                  <>
                    <Tag color="warning">{t('people.paused')}</Tag>
                    <Button size="small" onClick={() => again.mutate(one.user_id)}>
                      {t('people.readmit')}
                    </Button>
                  </>
                ) : null}
              </span>
            ),
          },
          { key: 'answers', title: t('people.answers'), dataIndex: 'answers', align: 'right' },
          {
            key: 'agreement',
            title: t('agreement'),
            align: 'right',
            render: (_, one) => share(one.agreement),
          },
          {
            key: 'gold',
            title: t('people.gold'),
            align: 'right',
            render: (_, one) =>
              one.gold_count === 0 ? '–' : `${share(one.gold_score)} (${one.gold_count})`,
          },
          {
            key: 'time',
            title: t('people.time'),
            align: 'right',
            render: (_, one) => <Duration seconds={one.time_s} />,
          },
        ]}
      />
    </Panel>
  )
}

function Disputed({ task, quality }: { task: Task; quality: Quality }) {
  const t = useText(text)
  const review = task.needs_review ? '&review=1' : ''
  return (
    <Panel title={t('disputed')} flush>
      <Table
        size="small"
        rowKey="index"
        pagination={quality.disputed.length > 10 ? { pageSize: 10 } : false}
        dataSource={quality.disputed}
        locale={{ emptyText: <EmptyState title={t('disputed.none')} hint={t('disputed.hint')} /> }}
        columns={[
          {
            key: 'index',
            title: t('field.items'),
            render: (_, one) => (
              <Link to={`/labelling/${task.id}/work?at=${one.index}${review}`}>
                {t('number', { number: one.index + 1 })}
              </Link>
            ),
          },
          {
            key: 'agreement',
            title: t('agreement'),
            align: 'right',
            render: (_, one) => share(one.agreement),
          },
        ]}
      />
    </Panel>
  )
}

function Gold({ task, quality }: { task: Task; quality: Quality }) {
  const t = useText(text)
  return (
    <Panel title={t('gold')}>
      <p className="sw-soft">{t(quality.gold.length === 0 ? 'gold.none' : 'gold.hint')}</p>
      <span className="sw-tags">
        {quality.gold.map(({ index }) => (
          <Link key={index} to={`/labelling/${task.id}/work?at=${index}`}>
            {t('number', { number: index + 1 })}
          </Link>
        ))}
      </span>
    </Panel>
  )
}

function share(value: number | null): string {
  return value === null ? '–' : `${(100 * value).toFixed(1)} %`
}

function figure(value: number | null): string {
  return value === null ? '–' : value.toFixed(3)
}
