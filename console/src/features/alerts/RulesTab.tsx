import { BellOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Tag, Tooltip } from 'antd'
import { Link, useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { eventWords } from '@/ui/events'
import { List } from '@/ui/ListPage'
import { useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { deleteRule, eventServices, ruleList, setRuleEnabled, type Rule } from './queries'
import { text } from './text'

export function RulesTab() {
  const t = useText(text)
  const list = useListState()
  const query = useQuery(ruleList(list.params))
  const create = useCreate()
  return (
    <List
      label={t('rules')}
      list={list}
      query={query}
      searchHint={t('rule.search')}
      extra={<ActionButton action={create} />}
      rowKey={(rule) => rule.id}
      rowName={(rule) => rule.name}
      columns={useColumns()}
      actions={useRuleActions()}
      empty={
        <EmptyState
          icon={<BellOutlined aria-hidden />}
          title={t('rule.empty')}
          hint={t('rule.emptyHint')}
          action={<ActionButton action={create} />}
        />
      }
    />
  )
}

function useCreate(): Action {
  const t = useText(text)
  const may = useMay()
  const navigate = useNavigate()
  return {
    key: 'new',
    label: t('rule.new'),
    icon: <PlusOutlined aria-hidden />,
    primary: true,
    blocked: may('alert:rule:create') ? null : t('mayNot'),
    run: () => void navigate('/alerts/rules/new'),
  }
}

function useColumns(): Column<Rule>[] {
  const t = useText(text)
  const [language] = usePreference('language')
  const { data: services } = useQuery(eventServices())
  return [
    {
      key: 'name',
      title: t('name'),
      sortBy: 'name',
      render: (rule) => (
        <span className="sw-name">
          {rule.own ? (
            <strong>{rule.name}</strong>
          ) : (
            <Link to={`/alerts/rules/${rule.id}`}>{rule.name}</Link>
          )}
          <small>{rule.own ? t('own') : rule.description || rule.id}</small>
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      render: (rule) => <StatusTag state={rule.enabled ? 'enabled' : 'disabled'} />,
    },
    {
      key: 'service',
      title: t('service'),
      render: (rule) =>
        services?.items.find(({ key }) => key === rule.service)?.[language] ?? rule.service,
    },
    { key: 'events', title: t('events'), render: (rule) => <Events rule={rule} /> },
    {
      key: 'targets',
      title: t('goesTo'),
      render: (rule) => (
        <span className="sw-tags">
          {rule.target_names.map((name) => (
            <Tag key={name} variant="filled" className="alerts-tag">
              {name}
            </Tag>
          ))}
        </span>
      ),
    },
    {
      key: 'created',
      title: t('created'),
      sortBy: 'created_at',
      render: (rule) => (
        <span className="sw-name">
          <TimeText value={rule.created_at} />
          <small>{rule.creator}</small>
        </span>
      ),
    },
  ]
}

function Events({ rule }: { rule: Rule }) {
  const t = useText(text)
  const [language] = usePreference('language')
  const { data: services } = useQuery(eventServices())
  const kinds = services?.items.find(({ key }) => key === rule.service)?.events ?? []
  const types = rule.form?.types ?? []
  if (types.length === 0) return <span className="sw-faint">{t('events.all')}</span>
  const words = types.map(
    (name) => kinds.find((kind) => kind.name === name)?.[language] ?? eventWords(name, language),
  )
  const rest = words.slice(2)
  return (
    <span className="sw-tags">
      {words.slice(0, 2).map((word) => (
        <Tag key={word} variant="filled">
          {word}
        </Tag>
      ))}
      {rest.length > 0 ? (
        <Tooltip title={rest.join(language === 'zh' ? '、' : ', ')}>
          <Tag variant="filled">{t('events.more', { count: rest.length })}</Tag>
        </Tooltip>
      ) : null}
    </span>
  )
}

function useRuleActions(): (rule: Rule) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const turn = useApiMutation(setRuleEnabled, ['alert_rule'])
  const remove = useApiMutation(deleteRule, ['alert_rule', 'alert_target', 'task'])
  const held = (action: string) => (may(action) ? null : t('mayNot'))
  return (rule) => [
    {
      key: 'edit',
      label: t('edit'),
      blocked: held('alert:rule:update') ?? rule.blocked.edit,
      run: () => void navigate(`/alerts/rules/${rule.id}`),
    },
    {
      key: 'turn',
      label: rule.enabled ? t('disable') : t('enable'),
      blocked: held('alert:rule:update'),
      run: async () => {
        await turn.mutateAsync({ id: rule.id, enabled: !rule.enabled })
        notify.success(rule.enabled ? t('rule.disabled') : t('rule.enabled'))
      },
    },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: held('alert:rule:delete'),
      confirm: {
        title: t('rule.delete.title', { name: rule.name }),
        message: t('rule.delete.message'),
        action: t('delete'),
        danger: true,
      },
      run: async () => {
        await remove.mutateAsync(rule.id)
        notify.success(t('rule.deleted'))
      },
    },
  ]
}
