import { FolderOpenOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Form, Input, Tag } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { useText } from '@/base/text'
import { ActionButton, type Action } from '@/ui/actions'
import type { Column } from '@/ui/DataTable'
import { EmptyState } from '@/ui/EmptyState'
import { FormDialog } from '@/ui/FormDialog'
import { ListPage } from '@/ui/ListPage'
import { localPage, useListState } from '@/ui/listState'
import { useNotify } from '@/ui/notify'
import { Bytes, Count } from '@/ui/Quantity'
import { TimeText } from '@/ui/TimeText'
import { bucketList, createBucket, deleteBucket, type Bucket } from './queries'
import { BucketQuotaDialog } from './BucketQuotaDialog'
import { text } from './text'

export function BucketsPage() {
  const t = useText(text)
  const may = useMay()
  const list = useListState()
  const query = useQuery(bucketList())
  const [creating, setCreating] = useState(false)
  const [limited, setLimited] = useState<Bucket | null>(null)
  const words = (bucket: Bucket) => `${bucket.name} ${bucket.description}`
  const create = (
    <ActionButton
      action={{
        key: 'new',
        label: t('bucket.new'),
        icon: <PlusOutlined aria-hidden />,
        primary: true,
        blocked: may('storage:bucket:create') ? null : t('mayNotWrite'),
        run: () => setCreating(true),
      }}
    />
  )
  return (
    <>
      <ListPage
        title={t('title')}
        description={t('lead')}
        primary={create}
        list={list}
        query={{ ...query, data: query.data && localPage(query.data.items, list.params, words) }}
        searchHint={t('bucket.search')}
        rowKey={(bucket) => bucket.name}
        rowName={(bucket) => bucket.name}
        columns={useBucketColumns()}
        actions={useBucketActions(setLimited)}
        empty={
          <EmptyState
            icon={<FolderOpenOutlined aria-hidden />}
            title={t('bucket.empty')}
            hint={t('bucket.emptyHint')}
            action={create}
          />
        }
      />
      <BucketQuotaDialog of={limited} onClose={() => setLimited(null)} />
      <BucketDialog open={creating} onClose={() => setCreating(false)} />
    </>
  )
}

function useBucketColumns(): Column<Bucket>[] {
  const t = useText(text)
  return [
    {
      key: 'name',
      title: t('bucket.name'),
      render: (bucket) => (
        <span className="sw-row">
          <Link to={`/storage/${encodeURIComponent(bucket.name)}`} className="sw-strong">
            {bucket.name}
          </Link>
          {bucket.is_default ? <Tag variant="filled">{t('bucket.default')}</Tag> : null}
        </span>
      ),
    },
    {
      key: 'description',
      title: t('bucket.description'),
      render: (bucket) => bucket.description || <span className="sw-faint">–</span>,
    },
    {
      key: 'files',
      title: t('bucket.files'),
      align: 'right',
      render: (bucket) => <Count value={bucket.usage?.file_count} />,
    },
    {
      key: 'size',
      title: t('bucket.size'),
      align: 'right',
      render: (bucket) => <Bytes value={bucket.usage?.size_bytes} />,
    },
    {
      key: 'quota',
      title: t('quota'),
      align: 'right',
      render: (bucket) =>
        bucket.quota_bytes === null ? (
          <span className="sw-faint">–</span>
        ) : (
          <Bytes value={bucket.quota_bytes} />
        ),
    },
    {
      key: 'created',
      title: t('bucket.created'),
      render: (bucket) => <TimeText value={bucket.created_at} />,
    },
  ]
}

function useBucketActions(onQuota: (bucket: Bucket) => void): (bucket: Bucket) => Action[] {
  const t = useText(text)
  const may = useMay()
  const notify = useNotify()
  const navigate = useNavigate()
  const remove = useApiMutation(deleteBucket, ['bucket'])
  return (bucket) => [
    {
      key: 'open',
      label: t('open'),
      run: () => void navigate(`/storage/${encodeURIComponent(bucket.name)}`),
    },
    {
      key: 'quota',
      label: t('quota.change'),
      blocked: may('usage:quota:update') ? null : t('mayNotLimit'),
      run: () => onQuota(bucket),
    },
    {
      key: 'delete',
      label: t('delete'),
      danger: true,
      blocked: may('storage:bucket:delete') ? bucket.blocked.delete : t('mayNotWrite'),
      confirm: {
        title: t('bucket.delete.title', { name: bucket.name }),
        message: t('bucket.delete.message'),
        action: t('delete'),
        danger: true,
        typeName: bucket.name,
      },
      run: async () => {
        await remove.mutateAsync(bucket.name)
        notify.success(t('bucket.deleted', { name: bucket.name }))
      },
    },
  ]
}

interface Values {
  name: string
  description: string
}

function BucketDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText(text)
  const notify = useNotify()
  const create = useApiMutation(createBucket, ['bucket'])
  const submit = async (values: Values) => {
    const bucket = await create.mutateAsync(values)
    notify.success(t('bucket.made', { name: bucket.name }))
  }
  return (
    <FormDialog<Values>
      open={open}
      title={t('bucket.new')}
      submitLabel={t('create')}
      initialValues={{ description: '' }}
      onSubmit={submit}
      onClose={onClose}
    >
      {() => (
        <>
          <Form.Item
            name="name"
            label={t('bucket.name')}
            extra={t('bucket.nameRule')}
            rules={[{ required: true, message: t('needed') }]}
          >
            <Input autoFocus autoComplete="off" maxLength={63} />
          </Form.Item>
          <Form.Item name="description" label={t('bucket.description')}>
            <Input autoComplete="off" />
          </Form.Item>
        </>
      )}
    </FormDialog>
  )
}
