import { MoreOutlined } from '@ant-design/icons'
import { Button, Dropdown, Form, Input } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useText } from '@/base/text'
import { useConfirm } from '@/ui/Confirm'
import { FormDialog } from '@/ui/FormDialog'
import { TimeText } from '@/ui/TimeText'
import { asJson, asMarkdown, fileName, saveFile } from './exports'
import { forget, forgetAll, rename, useHistory } from './history'
import { text } from './text'
import type { Conversation } from './types'

/** The conversations of this browser. */
export function HistoryList({ open, busy }: { open: string; busy: boolean }) {
  const t = useText(text)
  const all = useHistory()
  const confirm = useConfirm()
  const [naming, setNaming] = useState<Conversation | null>(null)
  const clear = async () => {
    const question = {
      title: t('history.clear.title'),
      message: t('history.delete.message'),
      action: t('history.clear'),
      danger: true,
    }
    if (await confirm(question)) forgetAll()
  }
  if (all.length === 0) return <p className="sw-faint playground-empty">{t('history.none')}</p>
  return (
    <>
      <ul className="playground-history">
        {all.map((one) => (
          <Entry
            key={one.id}
            conversation={one}
            current={one.id === open}
            busy={busy}
            onRename={() => setNaming(one)}
          />
        ))}
      </ul>
      <Button type="text" size="small" onClick={() => void clear()}>
        {t('history.clear')}
      </Button>
      <FormDialog<{ title: string }>
        key={naming?.id ?? 'none'}
        open={naming !== null}
        title={t('history.rename')}
        submitLabel={t('save')}
        initialValues={{ title: naming?.title ?? '' }}
        onSubmit={({ title }) => {
          rename(naming?.id ?? '', title.trim())
          return Promise.resolve()
        }}
        onClose={() => setNaming(null)}
      >
        {() => (
          <Form.Item name="title" label={t('name')} rules={[{ required: true, whitespace: true }]}>
            <Input autoFocus maxLength={100} />
          </Form.Item>
        )}
      </FormDialog>
    </>
  )
}

interface EntryProps {
  conversation: Conversation
  current: boolean
  busy: boolean
  onRename: () => void
}

function Entry({ conversation, current, busy, onRename }: EntryProps) {
  const t = useText(text)
  const confirm = useConfirm()
  const navigate = useNavigate()
  const { id, title, updated } = conversation
  const remove = async () => {
    const question = {
      title: t('history.delete.title', { name: title }),
      message: t('history.delete.message'),
      action: t('history.delete'),
      danger: true,
    }
    if (!(await confirm(question))) return
    forget(id)
    if (current) await navigate('/playground', { replace: true })
  }
  const save = (ending: 'json' | 'md') => {
    const content = ending === 'json' ? asJson(conversation) : asMarkdown(conversation)
    const type = ending === 'json' ? 'application/json' : 'text/markdown'
    saveFile(fileName(title, ending), content, type)
  }
  const items = [
    { key: 'rename', label: t('history.rename'), onClick: onRename },
    { key: 'json', label: t('history.json'), onClick: () => save('json') },
    { key: 'markdown', label: t('history.markdown'), onClick: () => save('md') },
    { key: 'delete', label: t('history.delete'), danger: true, onClick: () => void remove() },
  ]
  return (
    <li data-current={current} aria-current={current}>
      <Link
        to={`/playground?chat=${id}`}
        aria-disabled={busy}
        onClick={(event) => busy && event.preventDefault()}
      >
        <span>{title}</span>
        <small>
          <TimeText value={updated} />
        </small>
      </Link>
      <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
        <Button
          type="text"
          size="small"
          icon={<MoreOutlined aria-hidden />}
          aria-label={t('history.open', { name: title })}
        />
      </Dropdown>
    </li>
  )
}
