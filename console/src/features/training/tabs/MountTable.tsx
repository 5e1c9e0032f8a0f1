import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { defaultTarget, type MountRow } from '../form/values'
import { storageLink } from '../storageLink'
import { text } from '../text'

/** What the task finds inside, where, and what it is for. */
export function MountTable({ mounts }: { mounts: readonly MountRow[] }) {
  const t = useText(text)
  const rows = mounts.map((mount, position) => ({ ...mount, position }))
  return (
    <div className="training-inset">
      <DataTable
        label={t('mounts')}
        rows={rows}
        rowKey={(mount) => String(mount.position)}
        columns={[
          { key: 'kind', title: t('mounts'), render: (mount) => t(`kind.${mount.kind}`) },
          { key: 'source', title: t('mount.source'), render: (mount) => <Source mount={mount} /> },
          { key: 'purpose', title: t('mount.purpose'), render: (m) => t(`purpose.${m.purpose}`) },
          {
            key: 'target',
            title: t('mount.target'),
            render: (mount) => <code>{mount.target || defaultTarget(mount, mount.position)}</code>,
          },
          {
            key: 'access',
            title: t('mount.access'),
            render: (mount) => t(mount.read_only ? 'mount.read' : 'mount.write'),
          },
        ]}
      />
    </div>
  )
}

function Source({ mount }: { mount: MountRow }) {
  const { kind, source, version } = mount
  if (kind === 'dataset') {
    return (
      <span>
        <Link to={`/datasets/${source}`}>{source}</Link> {version}
      </span>
    )
  }
  return kind === 'storage' ? <Link to={storageLink(source)}>{source}</Link> : <code>{source}</code>
}
