import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useText } from '@/base/text'
import { DataTable } from '@/ui/DataTable'
import { defaultTarget, type MountRow } from '../form/values'
import { datasetName, oneModelVersion, oneRepository } from '../sources'
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
            render: (mount) =>
              t(mount.read_only && mount.kind !== 'git' ? 'mount.read' : 'mount.write'),
          },
        ]}
      />
    </div>
  )
}

function Source({ mount }: { mount: MountRow }) {
  const { kind, source } = mount
  if (kind === 'path') return <code>{source}</code>
  if (kind === 'storage') return <Link to={storageLink(source)}>{source}</Link>
  if (kind === 'git') return <Repository mount={mount} />
  return kind === 'dataset' ? <Dataset mount={mount} /> : <Model id={source} />
}

/** By name where it still exists; the id stays true where it was deleted. */
function Dataset({ mount: { source, version } }: { mount: MountRow }) {
  const { data } = useQuery(datasetName(source))
  return (
    <span className="sw-name">
      {data === undefined ? source : <Link to={`/datasets/${source}`}>{data.name}</Link>}
      <small>{version ?? source}</small>
    </span>
  )
}

function Repository({ mount: { source, version } }: { mount: MountRow }) {
  const { data } = useQuery(oneRepository(source))
  return (
    <span className="sw-name">
      {data === undefined ? source : <Link to="/repositories">{data.name}</Link>}
      <small>{version ?? (data === undefined ? source : data.ref)}</small>
    </span>
  )
}

function Model({ id }: { id: string }) {
  const { data } = useQuery(oneModelVersion(id))
  return (
    <span className="sw-name">
      {data === undefined ? id : <Link to={`/models/${data.model_id}`}>{data.model_name}</Link>}
      <small>{data?.version ?? id}</small>
    </span>
  )
}
