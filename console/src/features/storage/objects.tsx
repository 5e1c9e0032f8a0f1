import { FileOutlined, FolderFilled } from '@ant-design/icons'
import { Button } from 'antd'
import { Link } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import type { Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { useNotify } from '@/ui/notify'
import { Bytes } from '@/ui/Quantity'
import { TimeText } from '@/ui/TimeText'
import { folderPath } from './PathBar'
import { deleteObject, objectUrl, type StoredObject } from './queries'
import { text } from './text'

export function useObjectColumns(
  bucket: string,
  onPreview: (object: StoredObject) => void,
): Column<StoredObject>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('file.name'),
      render: (object) => <ObjectName bucket={bucket} object={object} onPreview={onPreview} />,
    },
    {
      key: 'size',
      title: t('file.size'),
      align: 'right',
      width: 110,
      render: ({ kind, size_bytes }) => (kind === 'folder' ? null : <Bytes value={size_bytes} />),
    },
    {
      key: 'type',
      title: t('file.type'),
      width: 180,
      render: ({ kind, content_type }) => (
        <span className="sw-soft">{kind === 'folder' ? t('folder') : (content_type ?? '–')}</span>
      ),
    },
    {
      key: 'modified',
      title: t('file.modified'),
      width: 150,
      render: (object) => <TimeText value={object.modified_at} />,
    },
  ]
}

interface NameProps {
  bucket: string
  object: StoredObject
  onPreview: (object: StoredObject) => void
}

function ObjectName({ bucket, object, onPreview }: NameProps) {
  if (object.kind === 'folder') {
    return (
      <Link to={folderPath(bucket, object.key)} className="storage-name">
        <FolderFilled aria-hidden />
        {object.name}
      </Link>
    )
  }
  return (
    <Button type="link" className="storage-name" onClick={() => onPreview(object)}>
      <FileOutlined aria-hidden />
      {object.name}
    </Button>
  )
}

interface Handlers {
  onPreview: (object: StoredObject) => void
  onMove: (object: StoredObject) => void
  onShare: (object: StoredObject) => void
}

export function useObjectActions(bucket: string, { onPreview, onMove, onShare }: Handlers) {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const blocked = may('storage:object:delete') ? null : t('mayNotWrite')
  const remove = useApiMutation(
    async (objects: readonly StoredObject[]) => {
      let deleted = 0
      for (const object of objects) deleted += (await deleteObject(bucket, object)).deleted
      return deleted
    },
    ['bucket'],
  )
  const runRemove = async (objects: readonly StoredObject[]) => {
    const count = await remove.mutateAsync(objects)
    notify.success(t('delete.done', { count }))
  }

  const removeOne = (object: StoredObject): Action => ({
    key: 'delete',
    label: t('delete'),
    danger: true,
    blocked,
    confirm: {
      title: t(object.kind === 'folder' ? 'delete.folder' : 'delete.file', { name: object.name }),
      message: t(object.kind === 'folder' ? 'delete.folderMessage' : 'delete.fileMessage'),
      action: t('delete'),
      danger: true,
      typeName: object.kind === 'folder' ? object.name : undefined,
    },
    run: () => runRemove([object]),
  })
  const removeAll = (objects: readonly StoredObject[], onDone: () => void): Action => ({
    key: 'delete',
    label: t('delete'),
    danger: true,
    blocked,
    confirm: {
      title: t('delete.some', { count: objects.length }),
      message: t('delete.folderMessage'),
      action: t('delete'),
      danger: true,
    },
    run: async () => {
      await runRemove(objects)
      onDone()
    },
  })
  const download = (object: StoredObject): Action => ({
    key: 'download',
    label: t('download'),
    run: () => window.location.assign(objectUrl(bucket, object.key, true)),
  })
  const move = (object: StoredObject): Action => ({
    key: 'move',
    label: t('move'),
    blocked: may('storage:object:update') ? null : t('mayNotWrite'),
    run: () => onMove(object),
  })
  const share = (object: StoredObject): Action => ({
    key: 'share',
    label: t('share'),
    blocked: may('storage:link:create') ? null : t('mayNotShare'),
    run: () => onShare(object),
  })
  const preview = (object: StoredObject): Action => ({
    key: 'preview',
    label: t('preview'),
    run: () => onPreview(object),
  })
  const rowActions = (object: StoredObject): Action[] =>
    object.kind === 'folder'
      ? [move(object), removeOne(object)]
      : [preview(object), download(object), share(object), move(object), removeOne(object)]
  return { rowActions, removeAll }
}
