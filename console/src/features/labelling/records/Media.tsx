import { useText } from '@/base/text'
import { text } from '../work/text'
import { fileUrl } from './files'

/** A recording to hear or see. */
export function Media({
  path,
  filesUrl,
  video,
}: {
  path: string
  filesUrl: string
  video: boolean
}) {
  const t = useText(text)
  if (path === '') return <span className="sw-faint">{t('empty')}</span>
  const source = { src: fileUrl(filesUrl, path), controls: true, 'aria-label': path }
  // Captions are not part of a dataset.
  return video ? (
    // eslint-disable-next-line jsx-a11y/media-has-caption
    <video {...source} style={{ maxWidth: '100%' }} />
  ) : (
    // eslint-disable-next-line jsx-a11y/media-has-caption
    <audio {...source} />
  )
}
