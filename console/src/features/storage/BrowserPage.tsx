import {
  ApiOutlined,
  FolderAddOutlined,
  FolderOpenOutlined,
  UploadOutlined,
} from '@ant-design/icons'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useParams, useSearchParams } from 'react-router'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { Actions, type Action } from '@/ui/actions'
import { CopyButton } from '@/ui/CopyButton'
import { DataTable } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Page, Panel } from '@/ui/Page'
import { ConnectDialog } from './ConnectDialog'
import { FolderDialog } from './FolderDialog'
import { MoveDialog } from './MoveDialog'
import { PathBar } from './PathBar'
import { PreviewDrawer } from './PreviewDrawer'
import { folderList, type StoredObject } from './queries'
import './storage.css'
import { text } from './text'
import { ShareDialog } from './ShareDialog'
import { UploadDialog } from './UploadDialog'
import { useObjectActions, useObjectColumns } from './objects'

/** The place is in the address: `/storage/<bucket>/<folder>/<folder>`; a preview is `?file=`. */
export function BrowserPage() {
  const t = useText(text)
  const { bucket = '', '*': below = '' } = useParams()
  const folder = below === '' ? '' : `${below.replace(/\/$/, '')}/`
  const [query, setQuery] = useSearchParams()
  const start = query.get('start') ?? ''
  const [dialog, setDialog] = useState<'upload' | 'folder' | 'connect' | StoredObject | null>(null)
  const [shared, setShared] = useState<StoredObject | null>(null)
  const show = (key: string | null) => {
    const next = new URLSearchParams(query)
    if (key === null) next.delete('file')
    else next.set('file', key)
    setQuery(next)
  }
  const close = () => setDialog(null)
  return (
    <Page
      title={bucket}
      back={{ to: '/storage', label: t('title') }}
      actions={
        <PlaceActions
          onUpload={() => setDialog('upload')}
          onFolder={() => setDialog('folder')}
          onConnect={() => setDialog('connect')}
        />
      }
    >
      <Panel flush>
        <div className="sw-toolbar">
          <span className="storage-path">
            <PathBar bucket={bucket} folder={folder} />
            <CopyButton value={`${bucket}/${folder}`} label={t('copyAddress')} />
          </span>
          <Input.Search
            key={`${folder} ${start}`}
            className="storage-filter"
            allowClear
            defaultValue={start}
            placeholder={t('filter')}
            aria-label={t('filter')}
            onSearch={(words) => setQuery(words === '' ? {} : { start: words })}
          />
        </div>
        <Files
          key={`${bucket}/${folder}${start}`}
          bucket={bucket}
          prefix={folder + start}
          onPreview={(object) => show(object.key)}
          onMove={setDialog}
          onShare={setShared}
          onUpload={() => setDialog('upload')}
        />
      </Panel>
      <UploadDialog bucket={bucket} folder={folder} open={dialog === 'upload'} onClose={close} />
      <FolderDialog bucket={bucket} folder={folder} open={dialog === 'folder'} onClose={close} />
      <MoveDialog
        bucket={bucket}
        object={typeof dialog === 'object' ? dialog : null}
        onClose={close}
      />
      <ConnectDialog bucket={bucket} open={dialog === 'connect'} onClose={close} />
      <ShareDialog bucket={bucket} object={shared} onClose={() => setShared(null)} />
      <PreviewDrawer bucket={bucket} fileKey={query.get('file')} onClose={() => show(null)} />
    </Page>
  )
}

interface PlaceProps {
  onUpload: () => void
  onFolder: () => void
  onConnect: () => void
}

function PlaceActions({ onUpload, onFolder, onConnect }: PlaceProps) {
  const t = useText(text)
  const blocked = useMay()('storage:object:create') ? null : t('mayNotWrite')
  const actions: Action[] = [
    {
      key: 'connect',
      label: t('connect'),
      icon: <ApiOutlined aria-hidden />,
      run: onConnect,
    },
    {
      key: 'folder',
      label: t('folder.new'),
      icon: <FolderAddOutlined aria-hidden />,
      blocked,
      run: onFolder,
    },
    {
      key: 'upload',
      label: t('upload'),
      icon: <UploadOutlined aria-hidden />,
      primary: true,
      blocked,
      run: onUpload,
    },
  ]
  return <Actions actions={actions} />
}

interface FilesProps {
  bucket: string
  prefix: string
  onPreview: (object: StoredObject) => void
  onMove: (object: StoredObject) => void
  onShare: (object: StoredObject) => void
  onUpload: () => void
}

function Files({ bucket, prefix, onPreview, onMove, onShare, onUpload }: FilesProps) {
  const t = useText(text)
  const query = useInfiniteQuery(folderList(bucket, prefix))
  const [selected, setSelected] = useState<string[]>([])
  const objects = query.data?.pages.flatMap((page) => page.items) ?? []
  const { rowActions, removeAll } = useObjectActions(bucket, { onPreview, onMove, onShare })
  const columns = useObjectColumns(bucket, onPreview)
  if (query.error !== null && query.data === undefined) {
    return (
      <div className="sw-pad">
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </div>
    )
  }
  const chosen = objects.filter(({ key }) => selected.includes(key))
  return (
    <>
      {chosen.length > 0 ? (
        <div className="sw-bulk">
          {t('files.shown', { count: chosen.length })}
          <Actions actions={[removeAll(chosen, () => setSelected([]))]} />
        </div>
      ) : null}
      <DataTable
        label={`${bucket}/${prefix}`}
        rows={objects}
        rowKey={(object) => object.key}
        rowName={(object) => object.name}
        columns={columns}
        loading={query.isPending}
        actions={rowActions}
        selected={selected}
        onSelect={setSelected}
        empty={
          <EmptyState
            icon={<FolderOpenOutlined aria-hidden />}
            title={t('files.empty')}
            hint={t('files.emptyHint')}
            action={
              <Button type="primary" onClick={onUpload}>
                {t('upload')}
              </Button>
            }
          />
        }
      />
      <footer className="sw-pager">
        <span className="sw-faint">
          {t(query.hasNextPage ? 'files.shownMore' : 'files.shown', { count: objects.length })}
        </span>
        {query.hasNextPage ? (
          <Button
            size="small"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('files.more')}
          </Button>
        ) : null}
      </footer>
    </>
  )
}
