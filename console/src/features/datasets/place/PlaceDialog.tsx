import { DatabaseOutlined, FileOutlined, FolderFilled, UploadOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Modal, Skeleton } from 'antd'
import { Fragment, useState } from 'react'
import { useText } from '@/base/text'
import { bucketList, folderList, type StoredObject } from '@/features/storage/queries'
import { UploadDialog } from '@/features/storage/UploadDialog'
import { ErrorState } from '@/ui/ErrorState'
import { Bytes } from '@/ui/Quantity'
import { folderOf, type Place } from './address'
import { text } from './text'

interface Props {
  open: boolean
  /** The address that the field holds: the dialog opens there. */
  start: string
  files: RegExp | null
  onClose: () => void
  onChoose: (address: string) => void
}

export function PlaceDialog(props: Props) {
  const t = useText(text)
  return (
    <Modal
      open={props.open}
      title={t('title')}
      width={680}
      footer={null}
      onCancel={props.onClose}
      destroyOnHidden
    >
      <Browser {...props} />
    </Modal>
  )
}

function Browser({ start, files, onClose, onChoose }: Props) {
  const t = useText(text)
  const [place, setPlace] = useState<Place>(() => folderOf(start))
  const [file, setFile] = useState<string | null>(null)
  const [uploading, setUploading] = useState(false)
  const go = (next: Place) => {
    setPlace(next)
    setFile(null)
  }
  const inBucket = place.bucket !== ''
  return (
    <>
      <div className="datasets-browser-head">
        <Crumbs place={place} onGo={go} />
        {inBucket ? (
          <Button icon={<UploadOutlined aria-hidden />} onClick={() => setUploading(true)}>
            {t('upload')}
          </Button>
        ) : null}
      </div>
      <div className="datasets-browser">
        {inBucket ? (
          <Folder
            key={`${place.bucket}/${place.folder}`}
            place={place}
            files={files}
            chosen={file}
            onGo={go}
            onFile={setFile}
          />
        ) : (
          <Buckets onGo={go} />
        )}
      </div>
      <div className="sw-form-buttons datasets-browser-buttons">
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button
          type="primary"
          disabled={!inBucket}
          onClick={() => onChoose(`${place.bucket}/${file ?? place.folder}`)}
        >
          {t(file === null ? 'chooseHere' : 'choose')}
        </Button>
      </div>
      <UploadDialog
        bucket={place.bucket}
        folder={place.folder}
        open={uploading}
        onClose={() => setUploading(false)}
      />
    </>
  )
}

function Crumbs({ place, onGo }: { place: Place; onGo: (place: Place) => void }) {
  const t = useText(text)
  const parts = place.folder.split('/').filter(Boolean)
  const steps = [
    { name: t('buckets'), to: { bucket: '', folder: '' } },
    ...(place.bucket === ''
      ? []
      : [{ name: place.bucket, to: { bucket: place.bucket, folder: '' } }]),
    ...parts.map((name, index) => ({
      name,
      to: { bucket: place.bucket, folder: `${parts.slice(0, index + 1).join('/')}/` },
    })),
  ]
  return (
    <nav className="datasets-crumbs">
      {steps.map(({ name, to }, index) => (
        <Fragment key={index}>
          {index > 0 ? (
            <span aria-hidden className="sw-faint">
              /
            </span>
          ) : null}
          <Button type="link" onClick={() => onGo(to)}>
            {name}
          </Button>
        </Fragment>
      ))}
    </nav>
  )
}

function Buckets({ onGo }: { onGo: (place: Place) => void }) {
  const { data, error } = useQuery(bucketList())
  if (error !== null) return <ErrorState error={error} />
  if (data === undefined) return <Skeleton active className="sw-pad" />
  return (
    <ul>
      {data.items.map(({ name, description }) => (
        <li key={name}>
          <button
            type="button"
            className="datasets-entry"
            onClick={() => onGo({ bucket: name, folder: '' })}
          >
            <DatabaseOutlined aria-hidden />
            <span>{name}</span>
            <small className="sw-faint">{description}</small>
          </button>
        </li>
      ))}
    </ul>
  )
}

interface FolderProps {
  place: Place
  files: RegExp | null
  chosen: string | null
  onGo: (place: Place) => void
  onFile: (key: string | null) => void
}

function Folder({ place, files, chosen, onGo, onFile }: FolderProps) {
  const t = useText(text)
  const query = useInfiniteQuery(folderList(place.bucket, place.folder))
  const objects = query.data?.pages.flatMap((page) => page.items) ?? []
  if (query.error !== null) return <ErrorState error={query.error} />
  if (query.isPending) return <Skeleton active className="sw-pad" />
  if (objects.length === 0) return <p className="sw-pad sw-faint">{t('empty')}</p>
  const open = (object: StoredObject) => {
    if (object.kind === 'folder') onGo({ bucket: place.bucket, folder: object.key })
    else onFile(object.key === chosen ? null : object.key)
  }
  return (
    <ul>
      {objects.map((object) => {
        const folder = object.kind === 'folder'
        return (
          <li key={object.key}>
            <button
              type="button"
              className="datasets-entry"
              aria-pressed={folder ? undefined : object.key === chosen}
              disabled={!folder && !(files?.test(object.name) ?? false)}
              onClick={() => open(object)}
            >
              {folder ? <FolderFilled aria-hidden /> : <FileOutlined aria-hidden />}
              <span>{object.name}</span>
              {folder ? null : <Bytes value={object.size_bytes} />}
            </button>
          </li>
        )
      })}
      {query.hasNextPage ? (
        <li>
          <Button type="link" onClick={() => void query.fetchNextPage()}>
            {t('more')}
          </Button>
        </li>
      ) : null}
    </ul>
  )
}
