import { Skeleton } from 'antd'
import { useText } from '@/base/text'
import { text } from './text'

/** Stands where a page will be. It appears late (CSS), so that quick pages do not flicker. */
export function PageWait() {
  const t = useText(text)
  return (
    <div className="sw-page sw-late" role="status" aria-label={t('loading')}>
      <Skeleton active title={{ width: 180 }} paragraph={{ rows: 6 }} />
    </div>
  )
}
