import { BellFilled, BellOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Input, Popover } from 'antd'
import { useState } from 'react'
import { useApiMutation } from '@/api/queries'
import { useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { useNotify } from '@/ui/notify'
import { removeNotice, setNotice, taskNotice } from './queries'
import { text } from './text'
import './alerts.css'

/** "Tell me when this task ends": one tick, and an address if wished. */
export function NotifyMe({ taskId, over }: { taskId: string; over: boolean }) {
  const t = useText(text)
  const may = useMay()
  const { data } = useQuery({ ...taskNotice(taskId), enabled: may('alert:notice:get') })
  if (data === undefined || (over && !data.on)) return null
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      destroyOnHidden
      content={<Choice taskId={taskId} on={data.on} email={data.email} />}
    >
      <Button
        icon={data.on ? <BellFilled aria-hidden /> : <BellOutlined aria-hidden />}
        aria-pressed={data.on}
        title={over ? t('notice.over') : undefined}
      >
        {data.on ? t('notice.on') : t('notice.button')}
      </Button>
    </Popover>
  )
}

interface ChoiceProps {
  taskId: string
  on: boolean
  email: string
}

function Choice({ taskId, on, email }: ChoiceProps) {
  const t = useText(text)
  const [language] = usePreference('language')
  const notify = useNotify()
  const mayMail = useMay()('alert:target:create')
  const [typed, setTyped] = useState(email)
  const save = useApiMutation(
    async (wanted: { on: boolean; email: string }) => {
      if (wanted.on)
        await setNotice({ service: 'training', subject: taskId, email: wanted.email, language })
      else await removeNotice(taskId)
    },
    ['task', 'alert_rule', 'alert_target'],
  )
  const put = async (next: { on: boolean; email: string }) => {
    try {
      await save.mutateAsync(next)
      notify.success(next.on ? t('notice.saved') : t('notice.removed'))
    } catch (error) {
      notify.problem(error)
    }
  }
  const submitMail = () => {
    if (on && typed.trim() !== email) void put({ on, email: typed.trim() })
  }
  return (
    <div className="alerts-notice">
      <Checkbox
        checked={on}
        disabled={save.isPending}
        onChange={(event) => void put({ on: event.target.checked, email: typed.trim() })}
      >
        {t('notice.tick')}
      </Checkbox>
      <p className="sw-faint">{t('notice.hint')}</p>
      <label>
        {t('notice.mail')}
        <Input
          type="email"
          placeholder="ann@example.com"
          title={mayMail ? undefined : t('notice.mailNot')}
          disabled={!mayMail || save.isPending}
          value={typed}
          allowClear
          onChange={(event) => setTyped(event.target.value)}
          onPressEnter={submitMail}
          onBlur={submitMail}
        />
      </label>
    </div>
  )
}
