import { Tabs } from 'antd'
import type { ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { Actions, type Action } from './actions'
import { IdText } from './IdText'
import { Page } from './Page'
import { StatusTag } from './StatusTag'

export interface DetailTab {
  key: string
  label: ReactNode
  /** Drawn only while the tab is open. */
  render: () => ReactNode
}

interface Props {
  title: string
  id?: string
  state?: string
  /** Why the state is as it is. Every state that is not "running" should have one. */
  reason?: string | null
  percent?: number | null
  back: { to: string; label: string }
  actions?: readonly Action[]
  /** Before the actions: what is not one of them. */
  beside?: ReactNode
  /** Above the tabs: an alert, the most important facts. */
  top?: ReactNode
  tabs: readonly DetailTab[]
  /** The open tab, from the route (`/training/:id/:tab?`); the first where it is left out. */
  tab: string | undefined
  /** Address of this object; a tab is one step below it. */
  path: string
}

/** One object: who it is, how it is, what can be done, and its sides, each with its own address. */
export function DetailPage(props: Props) {
  const { title, id, state, reason, percent, back, actions, beside, top, tabs, tab, path } = props
  const navigate = useNavigate()
  const open = tabs.find(({ key }) => key === tab) ?? tabs[0]
  return (
    <Page
      title={title}
      back={back}
      beside={
        <>
          {state ? <StatusTag state={state} reason={reason} percent={percent} /> : null}
          {id ? <IdText value={id} /> : null}
        </>
      }
      actions={
        <>
          {beside}
          {actions ? <Actions actions={actions} inline={4} of={title} /> : null}
        </>
      }
    >
      {top}
      <Tabs
        activeKey={open?.key}
        items={tabs.map(({ key, label }) => ({ key, label }))}
        onChange={(key) => void navigate(key === tabs[0]?.key ? path : `${path}/${key}`)}
      />
      {open?.render()}
    </Page>
  )
}
