import { MoreOutlined } from '@ant-design/icons'
import { Button, Dropdown, Tooltip, type ButtonProps } from 'antd'
import { useState, type ReactNode } from 'react'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import { useConfirm, type Question } from './Confirm'
import { useNotify } from './notify'
import { text } from './text'
import { whenSlow } from './busy'

/** Something a person can do to one object. */
export interface Action {
  key: string
  label: string
  icon?: ReactNode
  danger?: boolean
  primary?: boolean
  /** Why it is not possible now (the API's `blocked`), or null. */
  blocked?: string | null
  confirm?: Question
  run: () => unknown
}

/** Asks where it must, runs, and tells what went wrong. `onBusy` hears when it runs. */
function useRun(): (action: Action, onBusy?: (busy: boolean) => void) => Promise<void> {
  const confirm = useConfirm()
  const notify = useNotify()
  return async (action, onBusy) => {
    if (action.confirm && !(await confirm(action.confirm))) return
    onBusy?.(true)
    try {
      await action.run()
    } catch (error) {
      notify.problem(error)
    } finally {
      onBusy?.(false)
    }
  }
}

interface ActionButtonProps extends Pick<ButtonProps, 'type' | 'size'> {
  action: Action
}

/** A blocked button stays focusable and says why, so that the reason is never out of reach. */
export function ActionButton({ action, type, size }: ActionButtonProps) {
  const run = useRun()
  const say = useSentence()
  const [busy, setBusy] = useState(false)
  const blocked = action.blocked ?? null
  const press = () => {
    if (blocked === null && !busy) void run(action, setBusy)
  }
  return (
    <Tooltip title={blocked === null ? null : say(blocked)}>
      <Button
        type={type ?? (action.primary ? 'primary' : 'default')}
        size={size}
        icon={action.icon}
        danger={action.danger}
        loading={whenSlow(busy)}
        aria-disabled={blocked !== null}
        className={blocked === null ? undefined : 'sw-blocked'}
        onClick={press}
      >
        {action.label}
      </Button>
    </Tooltip>
  )
}

interface ActionsProps {
  actions: readonly Action[]
  /** How many stand in the open; the others are behind "more". */
  inline?: number
  /** What they act on, for the name of the "more" button. */
  of?: string
  link?: boolean
}

export function Actions({ actions, inline = 2, of, link = false }: ActionsProps) {
  const shown = actions.length <= inline + 1 && !link ? actions : actions.slice(0, inline)
  const hidden = actions.slice(shown.length)
  return (
    <span className={link ? 'sw-actions sw-actions-link' : 'sw-actions'}>
      {shown.map((action) => (
        <ActionButton
          key={action.key}
          action={action}
          type={link ? 'link' : undefined}
          size={link ? 'small' : undefined}
        />
      ))}
      {hidden.length > 0 ? <MoreActions actions={hidden} of={of} link={link} /> : null}
    </span>
  )
}

function MoreActions({ actions, of, link }: Omit<ActionsProps, 'inline'>) {
  const t = useText(text)
  const run = useRun()
  const items = actions.map((action) => ({
    key: action.key,
    icon: action.icon,
    danger: action.danger,
    disabled: Boolean(action.blocked),
    label: <MenuLabel action={action} />,
    onClick: () => void run(action),
  }))
  return (
    <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
      <Button
        type={link ? 'text' : 'default'}
        size={link ? 'small' : undefined}
        icon={<MoreOutlined aria-hidden />}
        aria-label={of === undefined ? t('more') : `${t('more')}: ${of}`}
      />
    </Dropdown>
  )
}

function MenuLabel({ action }: { action: Action }) {
  const say = useSentence()
  return (
    <span className="sw-menu-label">
      {action.label}
      {action.blocked ? <small>{say(action.blocked)}</small> : null}
    </span>
  )
}
