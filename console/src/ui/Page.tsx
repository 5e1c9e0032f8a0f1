import { ArrowLeftOutlined } from '@ant-design/icons'
import type { ReactNode } from 'react'
import { Link } from 'react-router'

interface Props {
  title: ReactNode
  /** The title as plain words, for the browser's tab, where `title` is more than text. */
  tabTitle?: string
  description?: ReactNode
  /** The page one level up. */
  back?: { to: string; label: string }
  /** Beside the title: state, id. */
  beside?: ReactNode
  /** At the right: what can be done here. */
  actions?: ReactNode
  children: ReactNode
}

/** Title, what can be done, and the content: the same frame for every page. */
export function Page({ title, tabTitle, description, back, beside, actions, children }: Props) {
  const plain = tabTitle ?? (typeof title === 'string' ? title : null)
  return (
    <div className="sw-page">
      {plain === null ? null : <title>{`${plain} · Slipway`}</title>}
      <header className="sw-page-head">
        <div className="sw-page-words">
          {back ? (
            <Link to={back.to} className="sw-page-back">
              <ArrowLeftOutlined aria-hidden /> {back.label}
            </Link>
          ) : null}
          <div className="sw-page-title">
            <h1>{title}</h1>
            {beside}
          </div>
          {description ? <p className="sw-page-description">{description}</p> : null}
        </div>
        {actions ? <div className="sw-page-actions">{actions}</div> : null}
      </header>
      {children}
    </div>
  )
}

/** A white area on the page's ground. */
export function Panel({
  title,
  actions,
  flush = false,
  children,
}: {
  title?: ReactNode
  actions?: ReactNode
  /** Without inner margins: for tables. */
  flush?: boolean
  children: ReactNode
}) {
  return (
    <section className={flush ? 'sw-panel sw-panel-flush' : 'sw-panel'}>
      {title || actions ? (
        <header className="sw-panel-head">
          <h2>{title}</h2>
          {actions}
        </header>
      ) : null}
      {children}
    </section>
  )
}
