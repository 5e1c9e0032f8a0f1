import { ClusterOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useMay } from '@/api/session'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ListPage } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { Tags } from '@/ui/Tags'
import { tidy } from './amounts'
import { groupPage, type Group } from './queries'
import './resources.css'
import { text } from './text'
import { useGroupActions } from './useGroupActions'

/** `/resources`: the machines of the platform, by group. */
export function GroupsPage() {
  const t = useText(text)
  const list = useListState({ filters: ['tag'] })
  const query = useQuery(groupPage(list.params))
  return (
    <ListPage
      title={t('title')}
      description={t('lead')}
      primary={
        <>
          <OtherPages />
          <NewButton />
        </>
      }
      list={list}
      query={query}
      searchHint={t('group.search')}
      rowKey={(group) => group.id}
      rowName={(group) => group.name}
      columns={useGroupColumns()}
      actions={useGroupActions()}
      filters={[{ kind: 'words', key: 'tag', label: t('tag'), hint: t('tagHint') }]}
      empty={
        <EmptyState
          icon={<ClusterOutlined aria-hidden />}
          title={t('groups.empty')}
          hint={t('groups.emptyHint')}
          action={<NewButton />}
        />
      }
    />
  )
}

const OTHERS = [
  { key: 'usage', path: '/resources/usage' },
  { key: 'types', path: '/resources/cards' },
  { key: 'network', path: '/resources/network' },
] as const

/** The pages beside the groups: what was used, card types, networks. */
function OtherPages() {
  const t = useText(text)
  const navigate = useNavigate()
  return OTHERS.map(({ key, path }) => (
    <ActionButton key={key} action={{ key, label: t(key), run: () => void navigate(path) }} />
  ))
}

function NewButton() {
  const t = useText(text)
  const navigate = useNavigate()
  return (
    <ActionButton
      action={{
        key: 'new',
        label: t('group.new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: useMay()('compute:group:create') ? null : t('mayNotChange'),
        run: () => void navigate('/resources/new'),
      }}
    />
  )
}

function useGroupColumns(): Column<Group>[] {
  const t = useText(text)
  const number = (words: string) => <span className="sw-num sw-nowrap">{words}</span>
  const of = (free: string, total: string | number) => number(t('of', { free, total }))
  return [
    {
      key: 'name',
      title: t('group'),
      sortBy: 'name',
      render: ({ id, name, preset_by_gpu }) => (
        <span className="sw-name">
          <span className="sw-row">
            <Link to={`/resources/${id}`}>{name}</Link>
            {preset_by_gpu ? <Tag variant="filled">{t('preset.short')}</Tag> : null}
          </span>
          <small className="sw-mono">{id}</small>
        </span>
      ),
    },
    {
      key: 'nodes',
      title: t('nodes.usable'),
      align: 'right',
      render: ({ nodes, nodes_usable: usable }) => number(`${usable} / ${nodes}`),
    },
    {
      key: 'cpu',
      title: t('free.cpu'),
      align: 'right',
      render: ({ amounts: a }) => of(tidy(a.cpu_cores_free), tidy(a.cpu_cores)),
    },
    {
      key: 'memory',
      title: t('free.memory'),
      align: 'right',
      render: ({ amounts: a }) => of(formatBytes(a.memory_bytes_free), formatBytes(a.memory_bytes)),
    },
    {
      key: 'cards',
      title: t('free.gpu'),
      align: 'right',
      render: ({ amounts: a }) => of(tidy(a.cards_free), a.cards),
    },
    {
      key: 'cardMemory',
      title: t('free.gpuMemory'),
      align: 'right',
      render: ({ amounts: a }) =>
        a.cards === 0
          ? '–'
          : of(formatBytes(a.card_memory_bytes_free), formatBytes(a.card_memory_bytes)),
    },
    { key: 'source', title: t('source'), render: (group) => <Source group={group} /> },
    { key: 'tags', title: t('tags'), render: ({ tags }) => <Tags tags={tags} max={2} /> },
  ]
}

function Source({ group }: { group: Group }) {
  const t = useText(text)
  const where = t(group.engine === 'process' ? 'source.local' : 'source.joined')
  return (
    <span className="sw-name">
      {where}
      {group.bare_metal ? <small>{t('bareMetal')}</small> : null}
    </span>
  )
}
