import { useQuery } from '@tanstack/react-query'
import { Alert } from 'antd'
import { useText } from '@/base/text'
import { historySwitch } from './queries'
import { text } from './text'

/** The one place where what is said to a model is kept is said openly (PLY-15). */
export function KeepNotice() {
  const t = useText(text)
  const { data } = useQuery(historySwitch)
  if (data === undefined) return null
  return (
    <Alert
      type={data.keeps ? 'info' : 'warning'}
      showIcon
      title={data.keeps ? t('history.notice', { limit: data.limit }) : t('history.off')}
    />
  )
}
