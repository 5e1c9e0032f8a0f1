import { useQuery } from '@tanstack/react-query'
import { Drawer, Skeleton } from 'antd'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Count } from '@/ui/Quantity'
import { pageText } from './pageText'
import { versionChanges } from './queries'

interface Props {
  id: string
  number: number | null
  onClose: () => void
}

/** Files added, removed and changed since the version before. */
export function ChangesDrawer({ id, number, onClose }: Props) {
  const p = useText(pageText)
  const query = useQuery({ ...versionChanges(id, number ?? 0), enabled: number !== null })
  const since = query.data === undefined ? '…' : `v${query.data.since}`
  return (
    <Drawer
      open={number !== null}
      size={640}
      title={p('changes.title', { version: `v${number ?? ''}`, since })}
      onClose={onClose}
      destroyOnHidden
    >
      {query.error !== null ? <ErrorState error={query.error} /> : null}
      {query.data !== undefined ? <Changes {...query.data} /> : null}
      {query.isLoading ? <Skeleton active /> : null}
    </Drawer>
  )
}

interface Change {
  count: number
  paths: readonly string[]
}

const PARTS = [
  { key: 'added', tone: 'good', sign: '+' },
  { key: 'removed', tone: 'bad', sign: '−' },
  { key: 'changed', tone: 'warn', sign: '±' },
] as const

function Changes(changes: Record<'added' | 'removed' | 'changed', Change>) {
  const p = useText(pageText)
  const parts = PARTS.filter(({ key }) => changes[key].count > 0)
  if (parts.length === 0) return <EmptyState title={p('changes.none')} />
  return (
    <div className="sw-stack">
      {parts.map(({ key, tone, sign }) => (
        <section key={key} data-tone={tone} className="datasets-change">
          <h2>
            {p(`changes.${key}`)} <Count value={changes[key].count} />
          </h2>
          <ul>
            {changes[key].paths.map((path) => (
              <li key={path}>
                <span aria-hidden>{sign}</span> {path}
              </li>
            ))}
          </ul>
          {changes[key].count > changes[key].paths.length ? (
            <small className="sw-faint">
              {p('changes.first', { count: changes[key].paths.length })}
            </small>
          ) : null}
        </section>
      ))}
    </div>
  )
}
