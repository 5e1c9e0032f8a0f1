import type { ReactNode } from 'react'

interface Props {
  title: string
  hint?: ReactNode
  icon?: ReactNode
  /** The call to action. */
  action?: ReactNode
}

export function EmptyState({ title, hint, icon, action }: Props) {
  return (
    <div className="sw-empty">
      {icon ? <div className="sw-empty-icon">{icon}</div> : null}
      <div className="sw-empty-title">{title}</div>
      {hint ? <div className="sw-empty-hint">{hint}</div> : null}
      {action ? <div className="sw-empty-action">{action}</div> : null}
    </div>
  )
}
