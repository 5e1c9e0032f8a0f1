import { MessageOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useNavigate } from 'react-router'
import { useText } from '@/base/text'
import { versionUses } from './queries'
import { text } from './text'

/** Where the version runs as a service, the way to try it in the playground (PLY-18). */
export function TryNotice({ id }: { id: string }) {
  const t = useText(text)
  const navigate = useNavigate()
  const { data } = useQuery({ ...versionUses(id), staleTime: 0 })
  const running = data?.items.find(({ kind, state }) => kind === 'service' && state === 'Normal')
  if (running === undefined) return null
  // A use is named by its service's version: the service's id with a number behind it.
  const service = running.id.replace(/-\d+$/, '')
  return (
    <Alert
      type="success"
      showIcon
      title={t('try.running', { name: running.name })}
      action={
        <Button
          size="small"
          type="primary"
          icon={<MessageOutlined aria-hidden />}
          onClick={() => void navigate(`/playground?service=${service}`)}
        >
          {t('try')}
        </Button>
      }
    />
  )
}
