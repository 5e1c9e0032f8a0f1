import { DownloadOutlined, FileOutlined, FolderFilled } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { Fragment } from 'react'
import { useSearchParams } from 'react-router'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { DataTable } from '@/ui/DataTable'
import { ErrorState } from '@/ui/ErrorState'
import { Panel } from '@/ui/Page'
import { Bytes } from '@/ui/Quantity'
import { entriesOf, type Entry } from './files'
import { archiveUrl, fileUrl, versionFiles, type ModelVersion } from './queries'
import { text } from './text'

/** The files of a version, folder by folder (`?folder=`), each to download. */
export function FilesTab({ version }: { version: ModelVersion }) {
  const t = useText(text)
  const [params, setParams] = useSearchParams()
  const folder = params.get('folder') ?? ''
  const query = useQuery({ ...versionFiles(version.id), enabled: version.state === 'Succeeded' })
  const go = (to: string) => setParams(to === '' ? {} : { folder: to })
  if (query.error !== null) return <ErrorState error={query.error} onRetry={query.refetch} />
  const files = query.data?.items ?? []
  const { id, blocked } = version
  return (
    <Panel flush>
      <div className="sw-toolbar models-files">
        <Crumbs folder={folder} onGo={go} />
        <ActionButton
          action={{
            key: 'all',
            label: t('files.all'),
            icon: <DownloadOutlined aria-hidden />,
            blocked: blocked.download,
            run: () => window.location.assign(archiveUrl(id)),
          }}
        />
      </div>
      <DataTable
        label={t('tab.files')}
        rows={entriesOf(files, folder)}
        rowKey={(entry) => entry.path}
        rowName={(entry) => entry.name}
        loading={query.isLoading}
        columns={[
          {
            key: 'name',
            title: t('files.name'),
            render: (entry) => <EntryName id={id} entry={entry} onGo={go} />,
          },
          {
            key: 'size',
            title: t('size'),
            align: 'right',
            width: 120,
            render: ({ size_bytes: size }) => <Bytes value={size} />,
          },
          {
            key: 'hash',
            title: t('files.hash'),
            render: ({ folder: isFolder, count, sha256 }) =>
              isFolder ? (
                <span className="sw-faint">
                  {t('files')}: {count}
                </span>
              ) : (
                <code title={sha256}>{sha256.slice(0, 16)}…</code>
              ),
          },
        ]}
      />
      {query.data && files.length < query.data.total ? (
        <footer className="sw-pager">
          <span className="sw-faint">
            {t('files.cut', { count: files.length, total: query.data.total })}
          </span>
        </footer>
      ) : null}
    </Panel>
  )
}

interface NameProps {
  id: string
  entry: Entry
  onGo: (folder: string) => void
}

function EntryName({ id, entry, onGo }: NameProps) {
  if (entry.folder) {
    return (
      <Button type="link" className="models-file" onClick={() => onGo(entry.path)}>
        <FolderFilled aria-hidden />
        {entry.name}
      </Button>
    )
  }
  return (
    <a className="models-file" href={fileUrl(id, entry.path)} download>
      <FileOutlined aria-hidden />
      {entry.name}
    </a>
  )
}

function Crumbs({ folder, onGo }: { folder: string; onGo: (folder: string) => void }) {
  const t = useText(text)
  const parts = folder.split('/').filter(Boolean)
  return (
    <nav className="models-crumbs">
      <Button type="link" onClick={() => onGo('')}>
        {t('files.root')}
      </Button>
      {parts.map((part, index) => (
        <Fragment key={index}>
          <span aria-hidden className="sw-faint">
            /
          </span>
          <Button type="link" onClick={() => onGo(`${parts.slice(0, index + 1).join('/')}/`)}>
            {part}
          </Button>
        </Fragment>
      ))}
    </nav>
  )
}
