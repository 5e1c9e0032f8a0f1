import { Alert, Button } from 'antd'
import { Link } from 'react-router'
import { useSentence } from '@/base/sentences'
import { useText } from '@/base/text'
import type { Task } from '../queries'
import { text } from '../work/text'

/** Labels do not get into the user's files now: said where the labelling is done. */
export function FilesNotice({ task }: { task: Task }) {
  const t = useText(text)
  const say = useSentence()
  if (task.files?.state !== 'stopped') return null
  return (
    <Alert
      banner
      type="warning"
      role="alert"
      title={`${t('files.stopped')} ${say(task.files.reason ?? '')}`}
      action={
        <Link to={`/labelling/${task.id}`}>
          <Button size="small">{t('files.decide')}</Button>
        </Link>
      }
    />
  )
}
