import { Alert, Button } from 'antd'
import { Problem, problemWords } from '@/base/problem'
import { useText } from '@/base/text'
import { text } from './text'

interface Props {
  error: unknown
  onRetry?: () => void
}

export function ErrorState({ error, onRetry }: Props) {
  const t = useText(text)
  const { title, message } = problemWords(error)
  const code = error instanceof Problem && error.status !== 0 ? ` (${error.code})` : ''
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title}
      description={message + code}
      action={
        onRetry ? (
          <Button size="small" onClick={onRetry}>
            {t('retry')}
          </Button>
        ) : null
      }
    />
  )
}
