import { EyeInvisibleOutlined, EyeOutlined, KeyOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Switch, Tooltip } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { setRules } from '@/features/groups/rules'
import { text as rules } from '@/features/groups/text'
import { ActionButton } from '@/ui/actions'
import { useConfirm } from '@/ui/Confirm'
import { CopyButton } from '@/ui/CopyButton'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { List } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { Panel } from '@/ui/Page'
import { StatusTag } from '@/ui/StatusTag'
import { TimeText } from '@/ui/TimeText'
import { useKeyActions } from '../keyActions'
import { KeyDialog } from '../KeyDialog'
import { MadeKeyDialog } from '../MadeKeyDialog'
import {
  keyList,
  requireKeys,
  revealKey,
  type NewKey,
  type ServiceDetail,
  type ServiceKey,
} from '../queries'
import { text } from '../text'

/** Who may call, and how much each may. */
export function KeysTab({ service }: { service: ServiceDetail }) {
  const t = useText(text)
  const may = useMay()
  const list = useListState({ prefix: 'key-' })
  const query = useQuery(keyList(service.id))
  const [editing, setEditing] = useState<ServiceKey | 'new' | null>(null)
  const [made, setMade] = useState<NewKey | null>(null)
  const words = ({ name, remark }: ServiceKey) => `${name} ${remark}`
  const create = (
    <ActionButton
      action={{
        key: 'new',
        label: t('keys.new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: may('serve:key:create') ? null : t('mayNot'),
        run: () => setEditing('new'),
      }}
    />
  )
  return (
    <div className="sw-stack">
      <RequireSwitch service={service} required={query.data?.required} onMade={setMade} />
      <List
        label={t('tab.keys')}
        list={list}
        query={{ ...query, data: query.data && localPage(query.data.items, list.params, words) }}
        searchHint={t('keys.search')}
        extra={create}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        columns={useKeyColumns()}
        actions={useKeyActions({ onEdit: setEditing, onMade: setMade })}
        empty={
          <EmptyState
            icon={<KeyOutlined aria-hidden />}
            title={t('keys.empty')}
            hint={t('keys.emptyHint')}
            action={create}
          />
        }
      />
      <KeyDialog
        service={service}
        of={editing}
        noTokens={query.data?.token_limits ?? null}
        onClose={() => setEditing(null)}
        onMade={setMade}
      />
      <MadeKeyDialog made={made} onClose={() => setMade(null)} />
    </div>
  )
}

interface SwitchProps {
  service: ServiceDetail
  required: boolean | undefined
  onMade: (key: NewKey) => void
}

function RequireSwitch({ service, required = service.auth, onMade }: SwitchProps) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const confirm = useConfirm()
  const save = useApiMutation((on: boolean) => requireKeys(service.id, on), ['service'])
  const change = async (on: boolean) => {
    const question = {
      title: t('keys.off.title', { name: service.name }),
      message: t('keys.off.message'),
      action: t('keys.off.action'),
      danger: true,
    }
    if (!on && !(await confirm(question))) return
    try {
      const { key } = await save.mutateAsync(on)
      if (key === null) notify.success(t('keys.switched'))
      else onMade(key)
    } catch (error) {
      notify.problem(error)
    }
  }
  const blocked = may('serve:key:update') ? null : t('mayNot')
  return (
    <Panel>
      <div className="services-switch">
        <Tooltip title={blocked}>
          <Switch
            checked={required}
            loading={save.isPending}
            disabled={blocked !== null}
            onChange={(on) => void change(on)}
            aria-label={t('keys.required')}
          />
        </Tooltip>
        <span className="sw-menu-label">
          <strong>{t('keys.required')}</strong>
          <small className="sw-faint">{t('keys.required.hint')}</small>
        </span>
      </div>
    </Panel>
  )
}

function useKeyColumns(): Column<ServiceKey>[] {
  const t = useText(text)
  return [
    { key: 'name', title: t('key.name'), render: ({ name }) => <strong>{name}</strong> },
    { key: 'value', title: t('key.value'), render: (key) => <Secret key={key.id} of={key} /> },
    {
      key: 'state',
      title: t('state'),
      render: ({ enabled }) => <StatusTag state={enabled ? 'enabled' : 'disabled'} />,
    },
    { key: 'limits', title: t('key.limits'), render: (key) => <LimitText of={key} /> },
    {
      key: 'remark',
      title: t('key.remark'),
      render: ({ remark }) => remark || <span className="sw-faint">–</span>,
    },
    { key: 'creator', title: t('creator'), render: ({ creator }) => creator },
    {
      key: 'created',
      title: t('created'),
      render: ({ created_at }) => <TimeText value={created_at} />,
    },
  ]
}

function LimitText({ of: { limits } }: { of: ServiceKey }) {
  const t = useText(text)
  const rule = useText(rules)
  const set = setRules(limits).map(([name, value]) => `${rule(`rule.${name}`)}: ${value}`)
  if (set.length === 0) return <span className="sw-faint">{t('key.limits.none')}</span>
  return <span>{set.join(' · ')}</span>
}

/** Masked until asked for; who looks is recorded by the API. */
function Secret({ of }: { of: ServiceKey }) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const [secret, setSecret] = useState<string | null>(null)
  const toggle = async () => {
    if (secret !== null) {
      setSecret(null)
      return
    }
    try {
      setSecret((await revealKey(of)).secret)
    } catch (error) {
      notify.problem(error)
    }
  }
  const label = t(secret === null ? 'key.reveal' : 'key.hide')
  const blocked = may('serve:key:reveal') ? null : t('mayNot')
  return (
    <span className="sw-row services-secret">
      <code>{secret ?? of.hint}</code>
      <Tooltip title={blocked ?? label}>
        <Button
          type="text"
          size="small"
          aria-label={`${label}: ${of.name}`}
          disabled={blocked !== null}
          icon={
            secret === null ? <EyeOutlined aria-hidden /> : <EyeInvisibleOutlined aria-hidden />
          }
          onClick={() => void toggle()}
        />
      </Tooltip>
      {secret === null ? null : <CopyButton value={secret} />}
    </span>
  )
}
