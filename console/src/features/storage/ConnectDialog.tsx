import { Button, Modal } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { systemQuery } from '@/api/session'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { Facts } from '@/ui/Facts'
import { IdText } from '@/ui/IdText'
import { s3Samples } from '../keys/s3Samples'
import { text } from './text'

const KEY = { id: '<access key ID>', secret: '<secret>' }

interface Props {
  bucket: string
  open: boolean
  onClose: () => void
}

/** How tools that speak S3 reach this bucket. */
export function ConnectDialog({ bucket, open, onClose }: Props) {
  const t = useText(text)
  const { data: system } = useQuery(systemQuery)
  return (
    <Modal
      open={open}
      title={t('connect')}
      width={640}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('close')}</Button>}
    >
      {system === undefined ? null : (
        <div className="sw-stack">
          <p>
            {t('connect.lead')} <Link to="/keys">{t('connect.keys')}</Link>
          </p>
          <Facts
            columns={1}
            items={[
              { key: 'url', label: t('connect.url'), value: <IdText value={system.s3_url} /> },
              { key: 'region', label: t('connect.region'), value: system.s3_region },
              { key: 'bucket', label: t('connect.bucket'), value: <IdText value={bucket} /> },
            ]}
          />
          <CodeBlock title={t('connect.how')} samples={s3Samples(system, KEY, bucket)} />
        </div>
      )}
    </Modal>
  )
}
