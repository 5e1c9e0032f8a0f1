import { Button, Modal, Select } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useText } from '@/base/text'
import { ActionButton } from '@/ui/actions'
import { CopyButton } from '@/ui/CopyButton'
import { ErrorState } from '@/ui/ErrorState'
import { TimeText } from '@/ui/TimeText'
import { createLink, deleteLink, linkList, type ShareLink, type StoredObject } from './queries'
import { text } from './text'

const HOURS = [1, 24, 72, 168]

interface Props {
  bucket: string
  object: StoredObject | null
  onClose: () => void
}

/** Links at which anybody can download one file: made here, and taken back. */
export function ShareDialog({ bucket, object, onClose }: Props) {
  const t = useText(text)
  return (
    <Modal
      open={object !== null}
      title={t('share.title', { name: object?.name ?? '' })}
      width={600}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('close')}</Button>}
      destroyOnHidden
    >
      {object === null ? null : <Links bucket={bucket} fileKey={object.key} />}
    </Modal>
  )
}

function Links({ bucket, fileKey }: { bucket: string; fileKey: string }) {
  const t = useText(text)
  const [hours, setHours] = useState(24)
  const query = useQuery(linkList(bucket))
  const create = useApiMutation(
    () => createLink(bucket, { key: fileKey, lasts_s: hours * 3600 }),
    ['bucket'],
  )
  const links = (query.data?.items ?? []).filter(({ key }) => key === fileKey)
  const problem = query.error ?? create.error
  return (
    <div className="sw-stack">
      <p className="sw-soft">{t('share.lead')}</p>
      {problem === null ? null : <ErrorState error={problem} />}
      <div className="sw-row">
        <Select
          aria-label={t('share.lasts')}
          value={hours}
          onChange={setHours}
          options={HOURS.map((count) => ({ value: count, label: t('share.hours', { count }) }))}
        />
        <ActionButton
          action={{
            key: 'make',
            label: t('share.make'),
            primary: true,
            run: () => create.mutateAsync(undefined),
          }}
        />
      </div>
      {links.length === 0 ? null : (
        <ul className="storage-links" aria-label={t('share.links')}>
          {links.map((link) => (
            <LinkLine key={link.id} bucket={bucket} link={link} />
          ))}
        </ul>
      )}
    </div>
  )
}

function LinkLine({ bucket, link }: { bucket: string; link: ShareLink }) {
  const t = useText(text)
  const remove = useApiMutation(() => deleteLink(bucket, link.id), ['bucket'])
  return (
    <li className="sw-row">
      <code className="storage-link" title={link.url}>
        {link.url}
      </code>
      <CopyButton value={link.url} label={t('share.copy')} />
      <span className="sw-faint">
        {t('share.until')} <TimeText value={link.expires_at} absolute />
      </span>
      <ActionButton
        size="small"
        action={{
          key: 'revoke',
          label: t('share.revoke'),
          danger: true,
          confirm: {
            title: t('share.revoke.title'),
            message: t('share.revoke.message'),
            action: t('share.revoke'),
            danger: true,
          },
          run: () => remove.mutateAsync(undefined),
        }}
      />
    </li>
  )
}
