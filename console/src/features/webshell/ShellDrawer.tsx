import { Drawer, Tabs } from 'antd'
import { useState } from 'react'
import { useText } from '@/base/text'
import { ShellPane } from './ShellPane'
import { text } from './text'
import './webshell.css'

export interface ShellTarget {
  /** The WebSocket's path. */
  path: string
  name: string
}

/** Shells inside one instance, as many as are wanted. Closing ends them. */
export function ShellDrawer({ of, onClose }: { of: ShellTarget | null; onClose: () => void }) {
  const t = useText(text)
  return (
    <Drawer
      open={of !== null}
      onClose={onClose}
      size={960}
      // Escape belongs to the programs in the terminal.
      keyboard={false}
      title={t('title', { name: of?.name ?? '' })}
      destroyOnHidden
      classNames={{ body: 'webshell' }}
    >
      {of === null ? null : <ShellTabs key={of.path} path={of.path} />}
    </Drawer>
  )
}

function ShellTabs({ path }: { path: string }) {
  const t = useText(text)
  const [shells, setShells] = useState([1])
  const [active, setActive] = useState(1)
  const add = () => {
    const next = Math.max(0, ...shells) + 1
    setShells([...shells, next])
    setActive(next)
  }
  const remove = (one: number) => {
    const rest = shells.filter((other) => other !== one)
    setShells(rest)
    if (one === active) setActive(rest.at(-1) ?? 1)
  }
  return (
    <Tabs
      type="editable-card"
      size="small"
      activeKey={String(active)}
      onChange={(key) => setActive(Number(key))}
      onEdit={(key, action) => (action === 'add' ? add() : remove(Number(key)))}
      items={shells.map((one) => ({
        key: String(one),
        label: t('tab', { number: one }),
        closable: shells.length > 1,
        children: <ShellPane path={path} />,
      }))}
    />
  )
}
