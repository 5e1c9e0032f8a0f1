import {
  ColumnWidthOutlined,
  EyeOutlined,
  MessageOutlined,
  MoreOutlined,
  PictureOutlined,
  SearchOutlined,
} from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Dropdown, Form, Input, Segmented } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { useConfirm } from '@/ui/Confirm'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { FormDialog } from '@/ui/FormDialog'
import { useNotify } from '@/ui/notify'
import { TimeText } from '@/ui/TimeText'
import { asJson, asMarkdown, fileName, saveFile } from './exports'
import { KeepNotice } from './KeepNotice'
import {
  clearHistory,
  conversationList,
  deleteConversation,
  HISTORY,
  oneConversation,
  renameConversation,
} from './queries'
import { text } from './text'
import { KINDS, type Kind, type Summary } from './types'

const FIRST = 30
const MOST = 200
const ICONS = { chat: MessageOutlined, image: PictureOutlined, vision: EyeOutlined }

interface Props {
  current: string | null
  onOpen: (id: string) => void
  onGone: (id: string | null) => void
}

/** One's own conversations: found by any word in them. */
export function ConversationsTab({ current, onOpen, onGone }: Props) {
  const t = useText(text)
  const [search, setSearch] = useState('')
  const [kind, setKind] = useState<Kind | 'all'>('all')
  const [limit, setLimit] = useState(FIRST)
  const [naming, setNaming] = useState<Summary | null>(null)
  const wanted = useDeferredValue(search)
  const { data, error, refetch } = useQuery(
    conversationList(wanted.trim(), kind === 'all' ? null : kind, limit),
  )
  const rename = useApiMutation(renameConversation, [HISTORY])
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  const items = data?.items ?? []
  const narrowed = wanted.trim() !== '' || kind !== 'all'
  return (
    <div className="sw-stack">
      <KeepNotice />
      <div className="sw-row">
        <Input
          type="search"
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          aria-label={t('history.search')}
          placeholder={t('history.search')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Segmented<Kind | 'all'>
          aria-label={t('kind')}
          value={kind}
          onChange={setKind}
          options={[
            { value: 'all', label: t('kind.all') },
            ...KINDS.map((value) => ({ value, label: t(`kind.${value}.short`) })),
          ]}
        />
      </div>
      {data !== undefined && items.length === 0 ? (
        <EmptyState title={t(narrowed ? 'history.nothing' : 'history.none')} />
      ) : (
        <ul className="playground-conversations">
          {items.map((one) => (
            <Entry
              key={one.id}
              conversation={one}
              current={one.id === current}
              onOpen={() => onOpen(one.id)}
              onGone={() => onGone(one.id)}
              onRename={() => setNaming(one)}
            />
          ))}
        </ul>
      )}
      <div className="sw-row playground-history-foot">
        {data !== undefined && data.total > items.length ? (
          <Button type="text" size="small" onClick={() => setLimit(MOST)}>
            {t('more')}
          </Button>
        ) : null}
        <span className="sw-faint sw-num">{t('history.count', { count: data?.total ?? 0 })}</span>
        {(data?.total ?? 0) > 0 && !narrowed ? <ClearButton onGone={() => onGone(null)} /> : null}
      </div>
      <FormDialog<{ title: string }>
        key={naming?.id ?? 'none'}
        open={naming !== null}
        title={t('history.rename')}
        submitLabel={t('save')}
        initialValues={{ title: naming?.title ?? '' }}
        onSubmit={({ title }) => rename.mutateAsync({ id: naming?.id ?? '', title })}
        onClose={() => setNaming(null)}
      >
        {() => (
          <Form.Item name="title" label={t('name')} rules={[{ required: true, whitespace: true }]}>
            <Input autoFocus maxLength={100} />
          </Form.Item>
        )}
      </FormDialog>
    </div>
  )
}

function ClearButton({ onGone }: { onGone: () => void }) {
  const t = useText(text)
  const confirm = useConfirm()
  const notify = useNotify()
  const clear = useApiMutation(clearHistory, [HISTORY])
  const ask = async () => {
    const question = {
      title: t('history.clear.title'),
      message: t('history.clear.message'),
      action: t('history.clear'),
      danger: true,
    }
    if (!(await confirm(question))) return
    await clear.mutateAsync().then(onGone, notify.problem)
  }
  return (
    <Button type="text" size="small" danger onClick={() => void ask()}>
      {t('history.clear')}
    </Button>
  )
}

interface EntryProps {
  conversation: Summary
  current: boolean
  onOpen: () => void
  onGone: () => void
  onRename: () => void
}

function Entry({ conversation, current, onOpen, onGone, onRename }: EntryProps) {
  const t = useText(text)
  const client = useQueryClient()
  const confirm = useConfirm()
  const notify = useNotify()
  const remove = useApiMutation(deleteConversation, [HISTORY])
  const { id, kind, title, services, questions, updated_at } = conversation
  const name = title || t('untitled')
  const Icon = services.includes(', ') ? ColumnWidthOutlined : ICONS[kind]
  const ask = async () => {
    const question = {
      title: t('history.delete.title', { name }),
      message: t('history.delete.message'),
      action: t('history.delete'),
      danger: true,
    }
    if (!(await confirm(question))) return
    await remove.mutateAsync(id).then(onGone, notify.problem)
  }
  const save = async (ending: 'json' | 'md') => {
    try {
      const whole = await client.query(oneConversation(id))
      const content = ending === 'json' ? asJson(whole) : asMarkdown(whole)
      saveFile(
        fileName(name, ending),
        content,
        ending === 'json' ? 'application/json' : 'text/markdown',
      )
    } catch (error) {
      notify.problem(error)
    }
  }
  const items = [
    { key: 'rename', label: t('history.rename'), onClick: onRename },
    { key: 'json', label: t('history.json'), onClick: () => void save('json') },
    { key: 'markdown', label: t('history.markdown'), onClick: () => void save('md') },
    { key: 'delete', label: t('history.delete'), danger: true, onClick: () => void ask() },
  ]
  return (
    <li data-current={current} aria-current={current}>
      <button type="button" onClick={onOpen}>
        <Icon aria-hidden />
        <span>{name}</span>
        <small>
          {services} · {t('history.questions', { count: questions })} ·{' '}
          <TimeText value={updated_at} />
        </small>
      </button>
      <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
        <Button
          type="text"
          size="small"
          icon={<MoreOutlined aria-hidden />}
          aria-label={t('history.actions', { name })}
        />
      </Dropdown>
    </li>
  )
}
