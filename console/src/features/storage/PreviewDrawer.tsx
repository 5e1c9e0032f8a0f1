import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Skeleton } from 'antd'
import { problemFrom, requestHeaders } from '@/api/client'
import { oneKey } from '@/api/queries'
import { formatBytes } from '@/base/format'
import { useText } from '@/base/text'
import { CodeBlock } from '@/ui/CodeBlock'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IdText } from '@/ui/IdText'
import { objectUrl } from './queries'
import { TablePreview } from './TablePreview'
import { text } from './text'

const SHOWN_BYTES = 256 * 1024
const IMAGE = /\.(png|jpe?g|gif|webp|bmp|avif)$/i
const PLAIN =
  /(\.(txt|md|jsonl?|ya?ml|toml|ini|cfg|csv|tsv|log|py|sh|js|ts|html?|css|xml|sql|ipynb|env|lock)|\/[^./]+)$/i

interface Props {
  bucket: string
  fileKey: string | null
  onClose: () => void
}

/** Looks into a file without downloading it whole. */
export function PreviewDrawer({ bucket, fileKey, onClose }: Props) {
  const t = useText(text)
  return (
    <Drawer
      open={fileKey !== null}
      onClose={onClose}
      size={760}
      title={fileKey?.split('/').at(-1)}
      destroyOnHidden
      extra={
        fileKey === null ? null : (
          <Button icon={<DownloadOutlined aria-hidden />} href={objectUrl(bucket, fileKey, true)}>
            {t('download')}
          </Button>
        )
      }
    >
      {fileKey === null ? null : (
        <div className="sw-stack">
          <IdText value={`${bucket}/${fileKey}`} />
          <Content bucket={bucket} fileKey={fileKey} />
        </div>
      )}
    </Drawer>
  )
}

function Content({ bucket, fileKey }: { bucket: string; fileKey: string }) {
  const t = useText(text)
  if (IMAGE.test(fileKey)) {
    return <img className="storage-image" src={objectUrl(bucket, fileKey, false)} alt={fileKey} />
  }
  const delimiter = /\.tsv$/i.test(fileKey) ? '\t' : /\.csv$/i.test(fileKey) ? ',' : undefined
  if (PLAIN.test(`/${fileKey}`)) {
    return <PlainText bucket={bucket} fileKey={fileKey} delimiter={delimiter} />
  }
  return <EmptyState title={t('preview.none')} />
}

interface TextProps {
  bucket: string
  fileKey: string
  /** Of a table; left out, the words are shown as they are. */
  delimiter: string | undefined
}

function PlainText({ bucket, fileKey, delimiter }: TextProps) {
  const t = useText(text)
  const { data, error } = useQuery({
    queryKey: oneKey('bucket', bucket, 'text', fileKey),
    queryFn: ({ signal }) => readStart(bucket, fileKey, signal),
  })
  if (error !== null) return <ErrorState error={error} />
  if (data === undefined) return <Skeleton active />
  if (delimiter !== undefined) {
    return <TablePreview words={data.words} delimiter={delimiter} cut={data.cut} />
  }
  return (
    <>
      {data.cut ? (
        <p className="sw-faint">{t('preview.tooLarge', { size: formatBytes(SHOWN_BYTES) })}</p>
      ) : null}
      <CodeBlock
        samples={[{ language: fileKey.split('.').at(-1) ?? '', code: data.words }]}
        maxHeight={1200}
      />
    </>
  )
}

async function readStart(bucket: string, key: string, signal: AbortSignal) {
  const response = await fetch(objectUrl(bucket, key, false), {
    headers: { ...requestHeaders('GET'), Range: `bytes=0-${SHOWN_BYTES - 1}` },
    signal,
  })
  // An empty file has no first byte: the server says 416, and there is nothing to show.
  if (response.status === 416) return { words: '', cut: false }
  if (!response.ok) throw problemFrom(response.status, await response.json().catch(() => null))
  const total = Number(response.headers.get('Content-Range')?.split('/')[1] ?? 0)
  return { words: await response.text(), cut: total > SHOWN_BYTES }
}
