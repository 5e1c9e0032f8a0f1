import { AppstoreAddOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Progress } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { IdText } from '@/ui/IdText'
import { ListPage } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { Count } from '@/ui/Quantity'
import { StatusTag } from '@/ui/StatusTag'
import { presetServices, type Preset } from './queries'
import { text } from './text'

/** What the platform offers to every project, and how much of the free trial is left. */
export function PresetsPage() {
  const t = useText(text)
  const list = useListState()
  const query = useQuery(presetServices())
  const words = ({ name, id, description, models }: Preset) =>
    [name, id, description, ...models].join(' ')
  return (
    <ListPage
      title={t('title')}
      description={t('lead')}
      list={list}
      query={{ ...query, data: query.data && localPage(query.data.items, list.params, words) }}
      searchHint={t('search')}
      rowKey={({ id }) => id}
      rowName={({ name }) => name}
      columns={useColumns()}
      actions={useActions()}
      empty={
        <EmptyState
          icon={<AppstoreAddOutlined aria-hidden />}
          title={t('empty')}
          hint={t('emptyHint')}
        />
      }
    />
  )
}

function useColumns(): Column<Preset>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('name'),
      render: ({ id, name, description }) => (
        <span className="sw-name">
          <Link to={`/preset-services/${id}`}>{name}</Link>
          <small>{description}</small>
        </span>
      ),
    },
    { key: 'id', title: t('id'), render: ({ id }) => <IdText value={id} /> },
    {
      key: 'models',
      title: t('models'),
      render: ({ models }) =>
        models.length === 0 ? (
          <span className="sw-faint">–</span>
        ) : (
          <code>{models.join(', ')}</code>
        ),
    },
    { key: 'state', title: t('state'), render: ({ state }) => <StatusTag state={state} /> },
    { key: 'free', title: t('free'), width: 240, render: (one) => <Trial of={one} /> },
  ]
}

function Trial({ of: { free_tokens, free_tokens_left } }: { of: Preset }) {
  const t = useText(text)
  if (free_tokens == null || free_tokens_left == null) {
    return <span className="sw-faint">{t('free.none')}</span>
  }
  const left = free_tokens === 0 ? 0 : (100 * free_tokens_left) / free_tokens
  return (
    <span className="sw-name">
      <Progress
        percent={left}
        showInfo={false}
        size="small"
        status={left === 0 ? 'exception' : 'normal'}
        aria-label={t('free')}
      />
      <small>
        <Count value={free_tokens_left} /> / <Count value={free_tokens} />
      </small>
    </span>
  )
}

function useActions(): (one: Preset) => Action[] {
  const t = useText(text)
  const navigate = useNavigate()
  return ({ id, state }) => [
    {
      key: 'document',
      label: t('document'),
      run: () => void navigate(`/preset-services/${id}`),
    },
    {
      key: 'try',
      label: t('try'),
      blocked: state === 'Stopped' ? t('stopped') : null,
      run: () => void navigate(`/playground?service=${id}`),
    },
  ]
}
